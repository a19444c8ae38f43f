"""deploy/raspberry-pi/user-data: what can be tried of it without a machine that starts from it.

scripts/system/try_user_data.sh has cloud-init carry it out.
"""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from player.cli import main
from player.config.settings.config import Config
from player.interfaces.front.web.security.passwords import SHORTEST

ROOT = Path(__file__).resolve().parents[2]
USER_DATA = ROOT / "deploy" / "raspberry-pi" / "user-data"
TEXT = USER_DATA.read_text(encoding="utf-8")
DATA = yaml.safe_load(TEXT)
FILES: dict[str, str] = {file["path"]: file["content"] for file in DATA["write_files"]}
FIRST_START = "/usr/local/sbin/ambient-player-first-start"
READ_ONLY = "/usr/local/sbin/ambient-player-read-only"
UNITS = {Path(path).name: text for path, text in FILES.items() if path.startswith("/etc/systemd/system/")}
PACKAGED = (ROOT / "deploy/debian/ambient-player.service").read_text(encoding="utf-8")
PROGRAMS = {
    "/usr/bin/pulseaudio": "pulseaudio",
    "/usr/sbin/nginx": "nginx-core",
    "/usr/bin/cage": "cage",
    "/bin/sh": "dash",
}
"""What the units start -> the package that brings it."""
CMDLINE = (
    "console=tty1 root=PARTUUID=4c1-02 rootfstype=ext4 fsck.repair=yes rootwait cfg80211.ieee80211_regdom=KR"
)


def test_cloud_init_takes_it() -> None:
    program = shutil.which("cloud-init")
    if program is None:
        pytest.skip("cloud-init is not installed here (apt install cloud-init)")
    command = [program, "schema", "--config-file", str(USER_DATA)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert TEXT.startswith("#cloud-config\n")


def test_there_is_no_password_in_it_and_nobody_logs_in_with_one() -> None:
    assert DATA["ssh_pwauth"] is False
    for user in DATA["users"]:
        assert user["lock_passwd"] is True
        assert not user.keys() & {"passwd", "plain_text_passwd", "hashed_passwd", "ssh_authorized_keys"}
    assert "chpasswd" not in DATA


@pytest.mark.parametrize("path", [path for path in FILES if path.startswith("/usr/local/sbin/")])
def test_the_scripts_are_right_for_a_plain_shell(path: str, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text(FILES[path], encoding="utf-8")
    subprocess.run(["sh", "-n", str(script)], check=True)
    (permissions,) = (file["permissions"] for file in DATA["write_files"] if file["path"] == path)
    assert permissions == "0755"


def test_every_unit_that_is_named_is_written_packaged_or_the_systems() -> None:
    known = UNITS.keys() | {"ambient-player.service", "nginx.service", "ssh.service", "userconfig.service"}
    known |= {"systemd-journald.service", "systemd-user-sessions.service", "getty@tty1.service"}
    named = set(re.findall(r"[\w@-]+\.service", TEXT))
    assert named == known
    for name in UNITS.keys() & {"pulseaudio.service"}:
        assert name in PACKAGED, "the player's unit starts after the sound"


def test_what_the_units_start_is_written_or_installed() -> None:
    for text in UNITS.values():
        for program in re.findall(r"^Exec\w+=(\S+)", text, re.MULTILINE):
            package = PROGRAMS.get(program)
            assert program in FILES or package == "dash" or re.search(rf"^ *add .*\b{package}\b", TEXT, re.M)


def test_no_unit_waits_for_the_networks_time() -> None:
    """A machine without a clock plays at once; docs/hours.md says how the player deals with its clock."""
    for text in (PACKAGED, *UNITS.values()):
        assert "time-sync" not in text
        assert "time-set" not in text


def test_paths_ports_and_users_agree_with_the_package_and_the_settings() -> None:
    port = Config().web.port
    assert f"proxy_pass http://127.0.0.1:{port};" in TEXT
    assert f"proxy_set_header Host 127.0.0.1:{port};" in TEXT
    (listens,) = re.findall(r"listen (127\.0\.0\.1:\d+);", TEXT)
    assert f"http://{listens}/screen" in UNITS["ambient-player-screen.service"]
    (folders,) = re.findall(r'folders="(.*)"', FILES[READ_ONLY])
    assert folders.split() == ["var/lib/ambient-player", "etc/ambient-player"]
    for folder in folders.split():
        assert f"/{folder}" in PACKAGED
    assert "User=kiosk" in TEXT
    assert "kiosk" in [user["name"] for user in DATA["users"]]


def test_commands_of_the_player_exist() -> None:
    named = re.findall(r"\bambient-player ((?:web tokens|web|config) \w+)", FILES[FIRST_START])
    assert len(named) == 5
    for words in named:
        command = get_command(main.app)
        for word in words.split():
            command = command.commands[word]  # type: ignore[attr-defined]


def test_the_log_and_the_watchdog_have_an_end() -> None:
    journal = FILES["/etc/systemd/journald.conf.d/ambient-player.conf"]
    assert {"SystemMaxUse=50M", "RuntimeMaxUse=20M"} <= set(journal.split())
    assert "RuntimeWatchdogSec=15s" in FILES["/etc/systemd/system.conf.d/ambient-player.conf"].split()


@dataclass
class Machine:
    """The scripts with a folder for each place, and programs that note what they are told."""

    folder: Path
    env: dict[str, str]

    def run(self, script: str, *words: str) -> subprocess.CompletedProcess[str]:
        path = self.folder / "script"
        path.write_text(FILES[script], encoding="utf-8")
        command = ["sh", str(path), *words]
        return subprocess.run(command, env=self.env, capture_output=True, text=True, check=False)

    def program(self, name: str, text: str = "") -> None:
        path = self.folder / "bin" / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >>"{self.folder}/told"\n{text}\n', encoding="utf-8")
        path.chmod(0o755)

    @property
    def told(self) -> list[str]:
        """What the programs were told."""
        return (self.folder / "told").read_text(encoding="utf-8").splitlines()

    @property
    def card(self) -> Path:
        return self.folder / "card" / "ambient-player"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    places = {"AMBIENT_CARD": "card", "AMBIENT_OWN": "own", "AMBIENT_TOP": "top"}
    env = {**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    made = Machine(tmp_path, env | {name: str(tmp_path / place) for name, place in places.items()})
    (tmp_path / "bin").mkdir()
    (tmp_path / "told").touch()
    made.card.mkdir(parents=True)
    for name in ("apt-get", "systemctl", "adduser", "mount", "blkid", "sync"):
        made.program(name)
    made.program("mountpoint", "exit 1")
    made.program("dpkg", "echo arm64")
    made.program("hostname", 'case "$1" in -I) echo 192.168.1.20;; *) echo music;; esac')
    made.program(
        "ambient-player",
        f'case "$*" in *--stdin) read -r word; echo "$3=$word" >>"{tmp_path}/passwords";;'
        ' "web tokens add"*) echo a-token;; esac',
    )
    return made


@pytest.fixture
def package(machine: Machine) -> Path:
    path = machine.card / "ambient-player_0.1.0-1~deb13_arm64.deb"
    path.touch()
    return path


def _passwords(machine: Machine) -> dict[str, str]:
    lines = (machine.folder / "passwords").read_text(encoding="utf-8").split()
    return dict(line.split("=") for line in lines)


def test_the_first_start_installs_protects_and_only_then_opens_the_page(
    machine: Machine, package: Path
) -> None:
    done = machine.run(FIRST_START)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the page is at http://ambient-player-music.local:8787/" in done.stdout
    assert "192.168.1.20" in done.stdout
    told = machine.told
    installed = told.index(f"apt-get install -y -q --no-install-recommends {package}")
    protected = told.index("ambient-player web password owner --stdin")
    opened = told.index("ambient-player config set web.listen 0.0.0.0")
    assert installed < protected < opened
    token = machine.folder / "own" / "token.conf"
    assert token.read_text() == 'proxy_set_header Authorization "Bearer a-token";\n'
    assert token.stat().st_mode & 0o777 == 0o600
    assert (machine.folder / "own" / "done").exists()


@pytest.mark.parametrize("is_empty", [False, True])
def test_a_password_nobody_gave_is_made_up_and_noted_on_the_card(
    machine: Machine, package: Path, is_empty: bool
) -> None:
    if is_empty:
        (machine.card / "owner-password.txt").touch()
    machine.run(FIRST_START)
    made = _passwords(machine)
    assert made.keys() == {"owner", "staff"}
    assert made["owner"] != made["staff"]
    for role, word in made.items():
        assert re.fullmatch(r"([a-hjkmnp-z2-9]{4}-){3}[a-hjkmnp-z2-9]{4}", word)
        assert len(word) >= SHORTEST
        assert f"{role}: {word}\n" in (machine.card / "passwords.txt").read_text()


def test_the_owners_own_password_is_taken_and_goes_from_the_card(machine: Machine, package: Path) -> None:
    given = machine.card / "owner-password.txt"
    given.write_bytes(b"a-few-words-of-mine\r\n")  # as an editor of Windows writes it
    assert machine.run(FIRST_START).returncode == 0
    assert _passwords(machine)["owner"] == "a-few-words-of-mine"
    assert not given.exists()
    assert "owner" not in (machine.card / "passwords.txt").read_text()


@pytest.mark.parametrize(("program", "text"), [("touch", "exit 1"), ("rm", '/bin/rm "$@"; exit 1')])
def test_a_power_cut_leaves_no_other_password_than_the_owners_own(
    machine: Machine, package: Path, program: str, text: str
) -> None:
    given = machine.card / "owner-password.txt"
    given.write_text("a-few-words-of-mine")
    machine.program(program, text)
    assert machine.run(FIRST_START).returncode != 0
    (machine.folder / "bin" / program).unlink()
    assert machine.run(FIRST_START).returncode == 0
    assert _passwords(machine)["owner"] == "a-few-words-of-mine"
    assert not given.exists()
    assert "owner" not in (machine.card / "passwords.txt").read_text()


def test_a_password_that_is_refused_leaves_the_page_closed(machine: Machine, package: Path) -> None:
    (machine.card / "owner-password.txt").write_text("short")
    machine.program("ambient-player", 'case "$*" in *--stdin) exit 1;; esac')
    done = machine.run(FIRST_START)
    assert done.returncode == 1
    assert "write one of at least 8 characters there" in done.stdout
    assert not [line for line in machine.told if "web.listen" in line]
    assert (machine.card / "owner-password.txt").exists()


def test_what_was_interrupted_goes_on_and_sets_no_password_twice(machine: Machine, package: Path) -> None:
    machine.program("apt-get", 'case "$*" in *cage*) exit 100;; esac')
    assert machine.run(FIRST_START).returncode != 0
    assert not (machine.folder / "own" / "done").exists()
    before = _passwords(machine)
    machine.program("apt-get")
    assert machine.run(FIRST_START).returncode == 0
    assert _passwords(machine) == before
    assert len((machine.folder / "passwords").read_text().split()) == 2
    assert len([line for line in machine.told if "web tokens add" in line]) == 1


def test_without_a_network_or_the_pis_camera_it_goes_on(machine: Machine, package: Path) -> None:
    machine.program("apt-get", 'case "$*" in update*|*picamera2) exit 100;; esac')
    done = machine.run(FIRST_START)
    assert done.returncode == 0
    assert "the network was not reached" in done.stdout
    assert "webcams and network cameras work without it" in done.stdout


def test_a_disk_with_music_that_is_there_becomes_the_library(machine: Machine, package: Path) -> None:
    assert machine.run(FIRST_START).returncode == 0
    assert not [line for line in machine.told if "library.folders" in line]
    (machine.folder / "own" / "done").unlink()
    machine.program("mountpoint")
    assert machine.run(FIRST_START).returncode == 0
    assert "ambient-player config set library.folders [/srv/music]" in machine.told


def test_without_a_package_it_says_what_to_do(machine: Machine) -> None:
    (machine.card / "ambient-player_0.1.0-1~deb13_amd64.deb").touch()  # another machine's
    done = machine.run(FIRST_START)
    assert done.returncode == 1
    assert "copy it there, and start the machine again" in done.stdout
    assert not [line for line in machine.told if line.startswith("apt-get")]


@pytest.fixture
def stick(machine: Machine) -> Path:
    """The partition for the state, and a machine that has played."""
    top = machine.folder / "top"
    for folder in ("var/lib/ambient-player", "etc/ambient-player"):
        (top / folder).mkdir(parents=True)
    (top / "etc/fstab").write_text("PARTUUID=4c1-02 / ext4 defaults,noatime 0 1\n")
    (top / "var/lib/ambient-player/library.db").write_text("known")
    (machine.card.parent / "cmdline.txt").write_text(f"{CMDLINE}\n")
    machine.program("date", 'case "$1" in +%s) echo 1700000000;; esac')
    return top / "srv" / "ambient-state"


def test_read_only_and_back(machine: Machine, stick: Path) -> None:
    cmdline, fstab = machine.card.parent / "cmdline.txt", machine.folder / "top/etc/fstab"
    for _ in range(2):  # also where it is so already
        assert machine.run(READ_ONLY, "on").returncode == 0
        assert cmdline.read_text() == f"{CMDLINE} overlayroot=tmpfs:recurse=0\n"
        assert fstab.read_text().count("LABEL=ambient-state /srv/ambient-state ext4 ") == 1
    assert (stick / "var/lib/ambient-player/library.db").read_text() == "known"
    assert "nofail" in fstab.read_text()
    for _ in range(2):
        assert machine.run(READ_ONLY, "off").returncode == 0
        assert cmdline.read_text() == f"{CMDLINE}\n"


def test_what_the_partition_knows_from_before_is_kept(machine: Machine, stick: Path) -> None:
    (stick / "var/lib/ambient-player").mkdir(parents=True)
    (stick / "var/lib/ambient-player/library.db").write_text("learnt over years")
    assert machine.run(READ_ONLY, "on").returncode == 0
    assert (stick / "var/lib/ambient-player/library.db").read_text() == "learnt over years"


def test_without_a_partition_for_the_state_nothing_is_changed(machine: Machine, stick: Path) -> None:
    machine.program("blkid", "exit 2")
    done = machine.run(READ_ONLY, "on")
    assert done.returncode == 1
    assert "sudo mkfs.ext4 -L ambient-state /dev/sda1" in done.stdout
    assert (machine.card.parent / "cmdline.txt").read_text() == f"{CMDLINE}\n"
    assert not stick.exists()


def test_at_a_start_the_state_is_put_in_place_and_a_slow_clock_goes_on(machine: Machine, stick: Path) -> None:
    top = machine.folder / "top"
    machine.run(READ_ONLY, "on")
    os.utime(top / "var/lib/ambient-player/library.db", (1700000600, 1700000600))
    assert machine.run(READ_ONLY, "use").returncode == 0
    for folder in ("var/lib/ambient-player", "etc/ambient-player"):
        assert f"mount --bind {stick}/{folder} {top}/{folder}" in machine.told
    assert "date -s @1700000600" in machine.told


def test_at_a_start_without_the_stick_it_plays_all_the_same(machine: Machine, stick: Path) -> None:
    done = machine.run(READ_ONLY, "use")
    assert done.returncode == 0
    assert "is forgotten at the next start" in done.stdout
    assert not [line for line in machine.told if line.startswith("mount --bind")]


def test_a_clock_that_is_right_is_left_alone(machine: Machine, stick: Path) -> None:
    os.utime(machine.folder / "top/var/lib/ambient-player/library.db", (1600000000, 1600000000))
    assert machine.run(READ_ONLY, "use").returncode == 0
    assert not [line for line in machine.told if line.startswith("date -s")]
