"""A release in one command: `python -m scripts.release.release`; `--dry-run`: without the tag and the .debs.

Checks that versions and changelog agree, builds sdist and wheel twice from what is committed (the same bytes,
or there is no release), writes the bill of materials, asks pip-audit about known weaknesses, and then tags.
Nothing is sent anywhere: the last lines say how. docs/releasing.md has the rest.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import player
from scripts.release import deb, sbom

ROOT = Path(__file__).resolve().parents[2]
AUDIT_TIMEOUT_S = 180
BUILD = "import hatchling.build as b, sys; b.build_sdist(sys.argv[1]); b.build_wheel(sys.argv[1])"


class ReleaseError(Exception):
    """There is no release; one sentence says why."""


@dataclass(frozen=True, slots=True)
class Built:
    """A file that is handed out."""

    path: Path

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.path.read_bytes()).hexdigest()


Builder = Callable[[Path, str], None]
"""Puts an sdist and a wheel into a folder, as of an instant (seconds since 1970)."""
Runner = Callable[[Sequence[str]], subprocess.CompletedProcess[str]]


def check_versions(root: Path, is_dry: bool) -> str:
    """The version, which must stand the same everywhere. Raises ReleaseError."""
    (version,) = re.findall(r'^version = "(.*)"$', (root / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    if version != player.__version__:
        raise ReleaseError(f"pyproject.toml says {version}, player/__init__.py {player.__version__}.")
    headings = re.findall(r"^## (\S+) \((.*)\)$", (root / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    if not headings or headings[0][0] != version:
        raise ReleaseError(f"CHANGELOG.md does not begin with {version}.")
    if not is_dry and not re.fullmatch(r"\d{4}-\d\d-\d\d", headings[0][1]):
        raise ReleaseError(
            f"CHANGELOG.md has no date for {version}: write it in place of {headings[0][1]!r}."
        )
    return version


def check_committed(root: Path) -> None:
    """Raises ReleaseError if something here is not committed: it would not be in the release."""
    changed = _git(root, "status", "--porcelain").splitlines()
    if changed:
        raise ReleaseError(f"{len(changed)} files are not committed, {changed[0][3:]} first.")


def build_committed(folder: Path, epoch: str) -> None:
    """Build what is committed: a Builder. Raises ReleaseError."""
    with tempfile.TemporaryDirectory() as name:
        tree, tools = Path(name) / "tree", Path(name) / "tools"
        tree.mkdir()
        archive = subprocess.run(["git", "-C", str(ROOT), "archive", "HEAD"], check=True, capture_output=True)
        subprocess.run(["tar", "-x", "-C", str(tree)], input=archive.stdout, check=True)
        (requires,) = re.findall(r'requires = \["(.*)"\]', (tree / "pyproject.toml").read_text("utf-8"))
        pip = [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check"]
        env = os.environ | {"SOURCE_DATE_EPOCH": epoch, "PYTHONPATH": str(tools)}
        for command in (
            [*pip, "install", "--target", str(tools), requires],
            [sys.executable, "-c", BUILD, folder],
        ):
            done = subprocess.run(command, cwd=tree, env=env, capture_output=True, text=True, check=False)
            if done.returncode:
                raise ReleaseError(f"the build failed: {done.stderr.strip().splitlines()[-1:]}")


def build_twice(out: Path, epoch: str, builder: Builder = build_committed) -> list[Built]:
    """Build into a folder, and once more elsewhere. Raises ReleaseError if a byte differs."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        for folder in (one, other):
            builder(Path(folder), epoch)
        first, second = (sorted(map(Built, Path(folder).iterdir()), key=_name) for folder in (one, other))
        if [(_name(each), each.sha256) for each in first] != [(_name(each), each.sha256) for each in second]:
            raise ReleaseError("two builds of the same sources differ: whoever checks a release could not.")
        return [Built(Path(shutil.move(each.path, out / each.path.name))) for each in first]


def audit(root: Path, run: Runner | None = None) -> str:
    """What pip-audit says of the versions in the lock, in one line; also if it could not say anything."""
    lock = str(root / "requirements" / "run.lock")
    command = [sys.executable, "-m", "pip_audit", "-r", lock, "--no-deps", "--disable-pip", "-f", "json"]
    try:
        done = (run or _run)(command)
        found = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return f"pip-audit gave no answer within {AUDIT_TIMEOUT_S} s: ask again before the release goes out."
    except ValueError:
        if "No module named" in done.stderr:
            return "pip-audit is not installed here (pip install pip-audit): nothing was asked."
        why = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        return f"pip-audit could not ask its database ({why[:120]}): ask again before the release goes out."
    asked = [each for each in found["dependencies"] if "skip_reason" not in each]
    left_out = len(found["dependencies"]) - len(asked)
    if not asked:
        return "pip-audit's database knew none of the packages: ask another before the release goes out."
    weak = [
        f"{each['name']} {each['version']}: {', '.join(one['id'] for one in each['vulns'])}"
        for each in asked
        if each["vulns"]
    ]
    said = f"known weaknesses in {'; '.join(weak)}" if weak else "no known weakness"
    return f"{len(asked)} packages, {said}" + (f"; nothing is known of {left_out} more" if left_out else "")


def write_papers(out: Path, version: str, epoch: str, built: list[Built]) -> list[str]:
    """Write the bill of materials and the checksums beside what was built; lines that say so."""
    bill = sbom.bill(version, int(epoch))
    path = out / f"ambient-player-{version}.cdx.json"
    path.write_text(json.dumps(bill, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    sums = "".join(f"{each.sha256}  {each.path.name}\n" for each in [*built, Built(path)])
    (out / "SHA256SUMS").write_text(sums, encoding="utf-8")
    unknown = sbom.without_licence(bill)
    said = f"no licence is known of {', '.join(unknown)}" if unknown else "each with its licence"
    return [f"{path.name}: {len(bill['components'])} components, {said}", "SHA256SUMS:", *sums.splitlines()]


def release(
    root: Path, out: Path, is_dry: bool, builder: Builder = build_committed, run: Runner | None = None
) -> None:
    """All of it, said line by line. Raises ReleaseError."""
    version = check_versions(root, is_dry)
    try:
        check_committed(root)
    except ReleaseError as error:
        if not is_dry:
            raise
        print(f"not in it: {error}")
    epoch = deb.source_date()
    built = build_twice(out, epoch, builder)
    print(
        f"{version}: sdist and wheel were built twice, the same bytes each time (SOURCE_DATE_EPOCH={epoch})"
    )
    print(*write_papers(out, version, epoch, built), sep="\n")
    print(audit(root, run))
    if is_dry:
        print(f"a dry run: nothing was tagged, and no Debian packages were built. The files are in {out}.")
        return
    for suite in deb.SUITES:
        for arch in deb.MACHINES:
            print(deb.build(suite, arch, out, version).name)
    _git(root, "tag", "--sign", f"v{version}", "-m", f"ambient-player {version}")
    print(
        f"tagged v{version}; docs/releasing.md says how to sign SHA256SUMS and hand the files in {out} out."
    )


def _name(built: Built) -> str:
    return built.path.name


def _git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise ReleaseError(f"git {words[0]} failed: {done.stderr.strip()}")
    return done.stdout


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=AUDIT_TIMEOUT_S)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dry-run", action="store_true", help="no tag, no Debian packages")
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    options = parser.parse_args()
    try:
        release(ROOT, options.out, options.dry_run)
    except ReleaseError as error:
        sys.exit(f"no release: {error}")


if __name__ == "__main__":
    main()
