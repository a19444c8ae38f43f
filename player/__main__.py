"""`python -m player` is `ambient-player`."""

from player.cli import main

if __name__ == "__main__":
    main()
