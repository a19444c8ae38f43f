"""What can be tried of the image without building it; scripts/system/try_image.sh does the rest."""

import os
import re
import signal
import socket
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
import yaml

from player.config.settings.config import Config
from scripts.release import image

DEPLOY = image.ROOT / "deploy"
CONTAINERFILE = image.CONTAINERFILE.read_text(encoding="utf-8")
COMPOSE = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
GUIDE = (image.ROOT / "docs" / "container.md").read_text(encoding="utf-8")
IGNORED = (image.ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()


def service() -> dict[str, Any]:
    (only,) = yaml.safe_load(COMPOSE)["services"].values()
    assert isinstance(only, dict)
    return only


def mounts() -> dict[str, str]:
    """Where what is mounted: target -> source."""
    found = {}
    for each in service()["volumes"]:
        if isinstance(each, dict):
            found[each["target"]] = each["source"]
        else:
            source, target = re.sub(r"\$\{[^}]*\}", lambda match: match[0].replace(":", "="), each).split(
                ":"
            )[:2]
            found[target] = source
    return found


def set_in_image(name: str) -> str:
    """What a container has: of several, the last stage's."""
    return str(re.findall(rf"\b{name}=(\S+)", CONTAINERFILE)[-1])


def test_what_must_not_be_lost_lies_in_the_volume() -> None:
    (volume,) = re.findall(r"^VOLUME (\S+)$", CONTAINERFILE, re.MULTILINE)
    assert mounts()[volume] == "state"
    assert list(yaml.safe_load(COMPOSE)["volumes"]) == ["state"]
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        assert Path(set_in_image(name)).is_relative_to(volume), name


def test_the_music_lies_where_the_first_settings_look_and_is_only_read() -> None:
    assert 'library.folders "[/music]"' in CONTAINERFILE
    (music,) = [each for each in service()["volumes"] if ":/music" in each]
    assert music.endswith(":/music:ro")


def test_it_is_nobody_and_can_do_nothing() -> None:
    (user,) = re.findall(r"^USER (\S+)$", CONTAINERFILE, re.MULTILINE)
    assert re.sub(r"\$\{\w+:-(\d+)\}", r"\1", service()["user"]) == user
    assert not user.startswith("0")
    assert service()["read_only"] is True
    assert service()["cap_drop"] == ["ALL"]
    assert service()["security_opt"] == ["no-new-privileges:true"]
    assert service()["ulimits"]["core"] == 0
    assert not {"privileged", "cap_add", "pid", "ipc"} & service().keys()
    assert [each.split(":")[0] for each in service()["tmpfs"]] == ["/tmp"]


def test_it_hears_the_sound_server_where_its_folder_is_mounted() -> None:
    address = service()["environment"]["PULSE_SERVER"]
    sound = mounts()[str(Path(address.removeprefix("unix:")).parent)]
    assert sound.endswith("/pulse}"), "the folder: the socket itself is another one after a restart"
    (whole,) = [each for each in service()["volumes"] if isinstance(each, dict)]
    assert whole["bind"]["create_host_path"] is False, "or the engine would make root's in its place"


def test_the_page_and_its_health_have_the_players_own_port() -> None:
    port = str(Config().web.port)
    assert service()["environment"]["HEALTH_PORT"] == port
    assert f"EXPOSE {port}\n" in CONTAINERFILE
    assert f"http://{Config().web.listen}:{port}/" in GUIDE
    assert service()["network_mode"] == "host"
    assert service()["healthcheck"]["test"] == ["CMD", "healthy"]
    assert "install -m 0755 deploy/container/start deploy/container/healthy" in CONTAINERFILE


def test_it_starts_again_and_has_as_long_to_end_as_it_needs() -> None:
    assert service()["restart"] == "unless-stopped"
    assert service()["stop_grace_period"] == "10s"


def test_every_variable_is_explained_in_the_guide() -> None:
    for name in set(re.findall(r"\$\{(\w+):-", COMPOSE)):
        assert f"`{name}`" in GUIDE, name


def test_all_that_the_wheel_is_made_of_is_in_the_build() -> None:
    allowed = {line[1:] for line in IGNORED if line.startswith("!")}
    project = (image.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    wheel = re.search(r"force-include\]\n(.*?)\n\n", project, re.DOTALL)
    assert wheel is not None
    needed = re.findall(r'^"([^"]+)" = ', wheel[1], re.MULTILINE)
    assert len(needed) > 10
    for path in [*needed, "pyproject.toml", "README.md", "LICENSE", "requirements/run.lock"]:
        assert any(Path(path).is_relative_to(each) for each in allowed), path
    assert IGNORED[1] == "*", "a checkout has gigabytes that no image needs"


def test_what_is_this_machines_own_stays_out_of_image_and_repository() -> None:
    own = {"deploy/.env", "deploy/cookie"}
    assert own <= set(IGNORED[IGNORED.index("!deploy") :])
    assert own <= set((image.ROOT / ".gitignore").read_text(encoding="utf-8").splitlines())


def test_another_base_and_own_certificates_reach_the_build(tmp_path: Path) -> None:
    authority = tmp_path / "ca.crt"
    authority.touch()
    command = image.build_command("podman", "arm64", "mine", "tag", authority)
    assert command[:4] == ["podman", "build", "--platform", "linux/arm64"]
    assert "BASE=mine" in command
    assert f"{authority}:{image.IN_BUILD}:ro" in command
    assert f"SSL_CERT_FILE={image.IN_BUILD}" in command
    assert "-v" not in image.build_command("docker", "amd64", None, "tag", authority)
    assert "-v" not in image.build_command("podman", "amd64", None, "tag", tmp_path / "none")
    assert "oci-archive" in image.save_command("podman", "tag", tmp_path / "x.tar")


def _start_script(folder: Path, player: str) -> list[str]:
    """deploy/container/start, with this shell script in the player's place."""
    home = folder / "opt"
    (home / "bin").mkdir(parents=True, exist_ok=True)
    (home / "share").mkdir(exist_ok=True)
    (home / "share" / "first-config.yaml").write_text("library: {folders: [/music]}\n")
    python = home / "bin" / "python"
    python.write_text(f"#!/bin/sh\n{player}\n")
    python.chmod(0o755)
    text = (DEPLOY / "container" / "start").read_text(encoding="utf-8")
    assert "/opt/ambient-player/" in text
    return ["sh", "-c", text.replace("/opt/ambient-player/", f"{home}/"), "start"]


def _started(
    folder: Path, player: str = 'echo "$@"', command: str = "run", steady_s: int = 10
) -> subprocess.CompletedProcess[str]:
    settings = {"XDG_CONFIG_HOME": str(folder / "config"), "AMBIENT_PLAYER_STEADY_S": str(steady_s)}
    return subprocess.run(
        [*_start_script(folder, player), command],
        cwd=folder, env={**os.environ, **settings}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_first_start_writes_settings_and_later_ones_leave_them(tmp_path: Path) -> None:
    assert _started(tmp_path).stdout == "-P -m player run\n"
    config = tmp_path / "config" / "ambient-player" / "config.yaml"
    assert config.read_text() == "library: {folders: [/music]}\n"
    assert config.stat().st_mode & 0o777 == 0o600
    config.write_text("mine\n")
    _started(tmp_path)
    assert config.read_text() == "mine\n"


def test_a_volume_that_takes_nothing_stops_no_music(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("no folder\n")
    done = _started(tmp_path)
    assert done.stdout == "-P -m player run\n"
    assert "settings cannot be kept" in done.stderr


KILLED_ONCE = "echo began; [ -e once ] || { touch once; kill -KILL $$; }; exit 3"


def test_a_player_that_is_killed_is_started_again(tmp_path: Path) -> None:
    done = _started(tmp_path, KILLED_ONCE, steady_s=0)
    assert (done.stdout, done.returncode) == ("began\nbegan\n", 3), "an exit code is for the engine"
    assert done.stderr.endswith("ambient-player: the player was killed (signal 9); it is started again.\n")


@pytest.mark.parametrize(("player", "command", "code"), [(KILLED_ONCE, "run", 137), ("exit 4", "status", 4)])
def test_what_is_killed_at_once_and_every_other_command_is_not(
    player: str, command: str, code: int, tmp_path: Path
) -> None:
    done = _started(tmp_path, player, command)
    assert done.returncode == code
    assert "again" not in done.stderr


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_reaches_the_player_and_is_waited_for(sent: signal.Signals, tmp_path: Path) -> None:
    traps = "trap 'echo reloaded' HUP; trap 'sleep 0.2; echo faded; exit 0' TERM"
    player = f"{traps}; echo began; while :; do sleep 0.05; done"
    # A shell cannot catch what whoever started it ignores, as a program in the background does with SIGINT.
    command = ["env", "--default-signal", *_start_script(tmp_path, player), "run"]
    env = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "config")}
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        assert started.stdout.readline() == "began\n"
        started.send_signal(signal.SIGHUP)
        assert started.stdout.readline() == "reloaded\n"
        started.send_signal(sent)
        assert started.stdout.read() == "faded\n"
        assert started.wait() == 0


@pytest.mark.parametrize(("answer", "code"), [("200 OK", 0), ("503 Service Unavailable", 1), ("", 1)])
def test_it_is_healthy_if_healthz_says_so(answer: str, code: int) -> None:
    asked = []

    def serve(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            with connection.makefile("rb") as request:
                asked.append(b"".join(iter(request.readline, b"\r\n")).decode())
            if answer:
                connection.sendall(f"HTTP/1.1 {answer}\r\n\r\n{{}}".encode())

    with socket.create_server(("127.0.0.1", 0)) as server:
        serving = threading.Thread(target=serve, args=(server,))
        serving.start()
        port = server.getsockname()[1]
        done = _health(port)
        serving.join(10)
    assert done.returncode == code
    assert asked[0].startswith("GET /healthz HTTP/1.0\r\nHost: localhost:")


def test_it_is_not_healthy_if_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert _health(unused.getsockname()[1]).returncode == 1


def _health(port: int) -> subprocess.CompletedProcess[bytes]:
    env = {**os.environ, "HEALTH_PORT": str(port)}
    script = DEPLOY / "container" / "healthy"
    return subprocess.run([str(script)], env=env, capture_output=True, timeout=20, check=False)
