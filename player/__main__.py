"""`python -m player` is `ambient-player`."""

from player.system import signals


def main() -> None:
    """Entry point."""
    signals.hold()  # what comes while the commands are still being loaded is not lost
    from player.cli.main import main as command_line  # noqa: PLC0415

    command_line()


if __name__ == "__main__":
    main()
