"""What can be tried of the Debian package without building it; scripts/system/try_deb.sh does the rest."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from player.library.database import schema
from scripts.release import deb
from scripts.release.copyright import copyright_text

LOCK = """av==18.1.0 ; python_full_version < '3.12'
av==19.0.2 ; python_full_version >= '3.12'
colorama==0.4.6 ; sys_platform == 'win32'
fast==1.0 ; platform_machine == 'aarch64'
# a comment
numpy==2.5
"""


def test_a_package_takes_what_the_lock_says_for_its_suite_and_machine() -> None:
    bookworm = deb.requirements(LOCK, deb.SUITES["bookworm"], "amd64")
    assert bookworm == ["av==18.1.0", "numpy==2.5"]
    assert deb.requirements(LOCK, deb.SUITES["trixie"], "arm64") == ["av==19.0.2", "fast==1.0", "numpy==2.5"]


def test_wheels_for_a_newer_libc_than_the_suites_are_not_taken() -> None:
    found = deb.platforms(deb.SUITES["bookworm"], "arm64")
    assert "manylinux_2_36_aarch64" in found
    assert "manylinux2014_aarch64" in found
    assert "manylinux_2_39_aarch64" not in found


def test_ubuntus_package_is_for_its_python_and_libc() -> None:
    noble = deb.SUITES["noble"]
    assert deb.package_version(noble, "1.2.3") == "1.2.3-1~ubuntu24.04"
    assert deb.requirements(LOCK, noble, "amd64") == ["av==19.0.2", "numpy==2.5"]
    assert "manylinux_2_39_x86_64" in deb.platforms(noble, "amd64")
    assert "manylinux_2_40_x86_64" not in deb.platforms(noble, "amd64")


def test_a_newer_suites_package_sorts_after_an_older_ones() -> None:
    names = [deb.package_version(deb.SUITES[suite], "1.2.3") for suite in ("bookworm", "trixie")]
    compared = subprocess.run(["dpkg", "--compare-versions", names[0], "lt", names[1]], check=False)
    assert compared.returncode == 0


@pytest.mark.parametrize("name", deb.SCRIPTS)
def test_the_maintainer_scripts_are_right_for_a_plain_shell(name: str, tmp_path: Path) -> None:
    script = tmp_path / name
    script.write_text(deb.filled((deb.DEBIAN / name).read_text(), {"SCHEMA": "7"}))
    assert "@" not in script.read_text()
    subprocess.run(["sh", "-n", str(script)], check=True)


def test_the_machines_service_is_as_closed_as_a_users() -> None:
    def closed(name: str) -> set[str]:
        lines = (deb.ROOT / "deploy" / name).read_text().splitlines()
        keys = ("Protect", "Restrict", "SystemCall", "NoNew", "Lock", "Memory", "Keyring", "Limit", "UMask")
        return {line for line in lines if line.startswith(keys)}

    assert closed("ambient-player.service") | closed("sandbox.conf") <= closed(
        "debian/ambient-player.service"
    )


def test_the_folder_for_backups_that_the_service_may_write_to_is_there() -> None:
    """In the service all else of /var is read-only: it cannot make that folder itself."""
    writable = re.findall(r"-(/var/\S+)", (deb.DEBIAN / "ambient-player.service").read_text())
    assert writable == ["/var/backups/ambient-player"]
    private = f"install -d -o ambient-player -g ambient-player -m 0700 {writable[0]}\n"
    assert private in (deb.DEBIAN / "postinst").read_text()
    assert f"rmdir --ignore-fail-on-non-empty {writable[0]} " in (deb.DEBIAN / "postrm").read_text()


def test_the_copyright_names_all_that_is_passed_on(tmp_path: Path) -> None:
    for name, said in (("Av", "BSD-3-Clause"), ("mutagen", "GPL-2.0-or-later"), ("python_vlc", "LGPL-2.1+")):
        _write(tmp_path / f"{name}-1.0.dist-info/METADATA", f"Name: {name}\nVersion: 1.0\nLicense: {said}\n")
    for library in ("libx265-f5385bb8.so.216", "libgfortran-040039e1-83c28eba.so.5.0.0"):
        _write(tmp_path / "av.libs" / library, "")
    said = copyright_text("MIT and so on\n", tmp_path, "/usr/lib/there")
    assert said.startswith("ambient-player\n\nMIT and so on\n")
    assert "Python packages, in /usr/lib/there;" in said
    assert "Av 1.0: BSD-3-Clause *\n  has in it: gfortran, x265\nmutagen 1.0: GPL-2.0-or-later *\n" in said
    assert "python_vlc 1.0: LGPL-2.1+\n" in said  # no GPL
    assert "music_tagger.onnx: ISC" in said
    assert "htmx.min.js: " in said


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


PROGRAMS = (
    *("adduser", "ambient-player", "chgrp", "chmod", "chown", "deb-systemd-helper", "deb-systemd-invoke"),
    *("getent", "install", "nice", "runuser", "systemctl"),
)
"""What the maintainer scripts call, beside what only looks."""


class Debian:
    """A machine that is a folder, and programs that note what they are told."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.config = root / "etc/ambient-player/config.yaml"
        for folder in (self.config.parent, root / "run/systemd/system", root / "bin"):
            folder.mkdir(parents=True)
        self.config.touch()
        for name in PROGRAMS:
            self.program(name)

    def program(self, name: str, text: str = "") -> None:
        path = self.root / "bin" / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >>"{self.root}/told"\n{text}\n')
        path.chmod(0o755)

    def dpkg(self, name: str, *words: str) -> list[str]:
        """Call a maintainer script as dpkg does; what the programs were told."""
        told, script = self.root / "told", self.root / name
        told.write_text("")
        text = deb.filled((deb.DEBIAN / name).read_text(), {"SCHEMA": "99"})
        script.write_text(re.sub(r"(?<![\w/])/(?=(?:etc|run|usr/lib|var)/)", f"{self.root}/", text))
        env = {**os.environ, "PATH": f"{self.root / 'bin'}:{os.environ['PATH']}"}
        subprocess.run(["sh", str(script), *words], env=env, check=True)
        return told.read_text().splitlines()


@pytest.fixture
def debian(tmp_path: Path) -> Debian:
    return Debian(tmp_path)


def test_an_upgrade_gives_the_player_nothing_of_roots(debian: Debian, tmp_path: Path) -> None:
    """The folder of the settings is the player's: it may put a link to anything there."""
    (tmp_path / "shadow").touch()
    debian.config.unlink()
    debian.config.symlink_to(tmp_path / "shadow")
    debian.program("runuser", "exit 1")  # as chmod, where it is not the player's
    told = debian.dpkg("postinst", "configure", "0.1.0")
    changed = [line for line in told if line.startswith("ch") and line.endswith(f" {debian.config}")]
    assert changed == [f"chown -h ambient-player:ambient-player {debian.config}"]
    assert f"runuser -u ambient-player -- chmod 0640 {debian.config}" in told


def test_what_is_installed_again_plays_at_once_and_what_was_stopped_stays_so(debian: Debian) -> None:
    """dpkg tells of a version from before in both cases."""
    debian.program("systemctl", 'case "$*" in *is-active*) exit 3;; esac')
    starts = "deb-systemd-invoke start ambient-player.service"
    debian.dpkg("preinst", "install", "0.1.0")
    assert starts in debian.dpkg("postinst", "configure", "0.1.0")
    debian.dpkg("preinst", "upgrade", "0.1.0")
    assert starts not in debian.dpkg("postinst", "configure", "0.1.0")
    assert starts in debian.dpkg("postinst", "configure")


def test_backups_that_outlived_a_purge_are_the_new_players(debian: Debian) -> None:
    told = debian.dpkg("postinst", "configure")
    folder = debian.root / "var/backups/ambient-player"
    assert f"chown -hR ambient-player:ambient-player {folder}" in told


def _preinst(folder: Path, knows: int) -> subprocess.CompletedProcess[str]:
    script = folder / "preinst"
    script.write_text(deb.filled((deb.DEBIAN / "preinst").read_text(), {"SCHEMA": str(knows)}))
    env = {
        **os.environ,
        "AMBIENT_PLAYER_STATE": str(folder),
        "AMBIENT_PLAYER_CONFIG": str(folder / "config.yaml"),
    }
    command = ["sh", str(script), "upgrade", "9.9"]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def test_an_older_package_refuses_a_newer_library_and_says_what_to_do(tmp_path: Path) -> None:
    schema.connect(tmp_path / "library.db").close()
    version = len(schema.MIGRATIONS)
    assert _preinst(tmp_path, version).returncode == 0
    refused = _preinst(tmp_path, version - 1)
    assert refused.returncode == 1
    assert f"was brought to version {version} by a newer player" in refused.stderr
    assert f"library.db.version-{version - 1}" in refused.stderr


def test_it_looks_where_config_yaml_has_the_library(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    schema.connect(elsewhere / "library.db").close()
    (tmp_path / "config.yaml").write_text(f'state_dir: "{elsewhere}"   # on the big disk\n')
    assert str(elsewhere / "library.db") in _preinst(tmp_path, 1).stderr


def test_a_library_in_use_is_looked_at_too(tmp_path: Path) -> None:
    """What is newest stands in the write-ahead log alone."""
    connection = schema.connect(tmp_path / "library.db")
    try:
        connection.execute(f"PRAGMA user_version = {len(schema.MIGRATIONS) + 1}")
        assert _preinst(tmp_path, len(schema.MIGRATIONS)).returncode == 1
    finally:
        connection.close()


def test_no_library_and_a_file_that_is_none_stop_no_installation(tmp_path: Path) -> None:
    assert _preinst(tmp_path, 1).returncode == 0
    (tmp_path / "library.db").write_bytes(b"no database")
    assert _preinst(tmp_path, 1).returncode == 0
