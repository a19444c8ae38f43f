"""Builds the Debian package: `python -m scripts.release.deb --suite bookworm --arch amd64`.

Needs pip, git and dpkg-deb, and neither root nor the suite itself: the packages' wheels are those for the
suite's Python and the machine, also another one's. What is compiled is compiled where it is installed.
"""

from __future__ import annotations

import argparse
import gzip
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

import player
from player.library.database.schema import MIGRATIONS
from scripts.release.copyright import copyright_text

ROOT = Path(__file__).resolve().parents[2]
DEBIAN = ROOT / "deploy" / "debian"
HOME = Path("usr/lib/ambient-player")
SCRIPTS = ("preinst", "postinst", "prerm", "postrm")
CONFFILES = ("/etc/ambient-player/config.yaml", "/etc/default/ambient-player")
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
"""Debian's name of an architecture -> the kernel's, which wheels have in their names."""


@dataclass(frozen=True, slots=True)
class Suite:
    """A release of Debian or Ubuntu, as far as wheels have to fit it."""

    mark: str
    """What the package's version ends with: that of a newer suite sorts after that of an older one."""
    python: tuple[int, int]
    glibc: int
    """The minor version of glibc 2."""

    @property
    def python_text(self) -> str:
        return ".".join(map(str, self.python))


SUITES = {
    "bookworm": Suite("deb12", (3, 11), 36),
    "trixie": Suite("deb13", (3, 13), 41),
    "noble": Suite("ubuntu24.04", (3, 12), 39),
}


def requirements(lock: str, suite: Suite, arch: str) -> list[str]:
    """The lines of a lock that hold for a suite on an architecture."""
    environment = {
        "python_version": suite.python_text,
        "python_full_version": f"{suite.python_text}.0",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "platform_machine": MACHINES[arch],
        "platform_system": "Linux",
        "sys_platform": "linux",
        "os_name": "posix",
    }
    found = [Requirement(line) for line in lock.splitlines() if line and not line.startswith("#")]
    return [
        f"{each.name}{each.specifier}"
        for each in found
        if each.marker is None or each.marker.evaluate(environment)
    ]


def platforms(suite: Suite, arch: str) -> list[str]:
    """The platforms of wheels that run on a suite, the newest first."""
    machine = MACHINES[arch]
    names = [f"manylinux_2_{minor}_{machine}" for minor in range(suite.glibc, 16, -1)]
    return [*names, f"manylinux2014_{machine}", f"linux_{machine}"]


def package_version(suite: Suite, version: str) -> str:
    """The package's version for a version of the player."""
    return f"{version}-1~{suite.mark}"


def install_packages(site: Path, suite: Suite, arch: str) -> None:
    """Put the player and all that it needs into a site-packages folder."""
    with tempfile.TemporaryDirectory() as scratch:
        _pip("wheel", "--no-deps", "-w", scratch, str(ROOT))
        wheel = next(Path(scratch).glob("*.whl"))
        wanted = [
            each
            for name in ("run.lock", "demo.lock")
            for each in requirements((ROOT / "requirements" / name).read_text(encoding="utf-8"), suite, arch)
        ]
        fits = [word for name in platforms(suite, arch) for word in ("--platform", name)]
        _pip(
            "install", "--ignore-requires-python", "--target", str(site), "--no-deps",
            "--no-compile", "--only-binary=:all:",
            "--implementation", "cp", "--python-version", suite.python_text, *fits, *wanted, str(wheel),
        )  # fmt: skip
    shutil.rmtree(site / "bin", ignore_errors=True)  # commands of this machine's Python


def lay_out(root: Path, suite: Suite, arch: str) -> None:
    """All files of the package but its control files, as they are to lie on the machine."""
    python = f"python{suite.python_text}"
    site = HOME / "lib" / python / "site-packages"
    install_packages(root / site, suite, arch)
    (root / HOME / "bin").mkdir()
    (root / HOME / "bin" / "python").symlink_to(f"/usr/bin/{python}")
    # Raspberry Pi OS has the camera's module as a system package; all else comes first from here.
    _write(
        root / HOME / "pyvenv.cfg",
        f"home = /usr/bin\ninclude-system-site-packages = true\nversion = {suite.python_text}\n",
    )
    _copy(DEBIAN / "launcher", root / "usr/bin/ambient-player", 0o755)
    _copy(DEBIAN / "ambient-player.service", root / "usr/lib/systemd/system/ambient-player.service")
    _copy(DEBIAN / "ambient-player.default", root / "etc/default/ambient-player")
    _copy(ROOT / "config.yaml", root / "etc/ambient-player/config.yaml")
    documents = root / "usr/share/doc/ambient-player"
    _copy(ROOT / "docs/install.md", documents / "install.md")
    (documents / "docs").symlink_to(f"/{site}/player/bundled/docs")
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    _write(documents / "copyright", copyright_text(licence, root / site, f"/{site}"))
    (documents / "changelog.gz").write_bytes(gzip.compress((ROOT / "CHANGELOG.md").read_bytes(), mtime=0))


def control_files(root: Path, suite: Suite, arch: str, version: str) -> None:
    """Write the package's control files beside its files."""
    size = sum(path.lstat().st_size for path in root.rglob("*")) // 1024
    values = {
        "VERSION": version,
        "ARCHITECTURE": arch,
        "SIZE_KIB": str(size),
        "PYTHON": suite.python_text,
        "PYTHON_AFTER": f"{suite.python[0]}.{suite.python[1] + 1}",
        "SCHEMA": str(len(MIGRATIONS)),
    }
    control = root / "DEBIAN"
    _write(control / "control", filled((DEBIAN / "control").read_text(encoding="utf-8"), values))
    _write(control / "conffiles", "".join(f"{path}\n" for path in CONFFILES))
    for name in SCRIPTS:
        _write(control / name, filled((DEBIAN / name).read_text(encoding="utf-8"), values), 0o755)


def filled(template: str, values: dict[str, str]) -> str:
    """A template with its @NAMES@ replaced."""
    for name, value in values.items():
        template = template.replace(f"@{name}@", value)
    return template


def build(suite_name: str, arch: str, out: Path, version: str) -> Path:
    """Build the package into a folder; returns its path."""
    suite = SUITES[suite_name]
    name = package_version(suite, version)
    out.mkdir(parents=True, exist_ok=True)
    package = out / f"ambient-player_{name}_{arch}.deb"
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch) / "root"
        root.mkdir(mode=0o755)
        lay_out(root, suite, arch)
        control_files(root, suite, arch, name)
        for path in root.rglob("*"):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        epoch = {"SOURCE_DATE_EPOCH": source_date()}
        command = ["dpkg-deb", "--root-owner-group", "-Zzstd", "--build", str(root), str(package)]
        subprocess.run(command, check=True, env=os.environ | epoch, stdout=subprocess.DEVNULL)
    return package


def source_date() -> str:
    """When the sources were last committed, in seconds since 1970: a release's files are of that time."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return given
    command = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _pip(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "pip", "-q", "--disable-pip-version-check", *arguments], check=True)


def _write(path: Path, text: str, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)


def _copy(source: Path, target: Path, mode: int = 0o644) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(mode)


def main() -> None:
    """Build one package, and say where it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suite", choices=SUITES, default="bookworm")
    parser.add_argument("--arch", choices=MACHINES, default="amd64")
    parser.add_argument("--version", default=player.__version__, help="of the player, if not its own")
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    options = parser.parse_args()
    print(build(options.suite, options.arch, options.out, options.version))


if __name__ == "__main__":
    main()
