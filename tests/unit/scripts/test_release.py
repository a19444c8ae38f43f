"""A dry run of a release: real checks and papers, with a builder and an auditor of the test's own."""

import json
import subprocess
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import pytest

import player
from scripts.release import release, sbom
from scripts.release.release import ReleaseError

ROOT = Path(__file__).resolve().parents[3]
VERSION = player.__version__
EPOCH = "1700000000"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What a release reads, committed."""
    root = tmp_path / "checkout"
    (root / "requirements").mkdir(parents=True)
    (root / "pyproject.toml").write_text(f'version = "{VERSION}"\n')
    (root / "CHANGELOG.md").write_text(f"# Changelog\n\n## {VERSION} (unreleased)\n")
    (root / "requirements" / "run.lock").write_text("numpy==2.4.6\n")
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "all"]):
        who = ["-c", "user.name=a", "-c", "user.email=a@localhost"]
        subprocess.run(["git", "-C", str(root), *who, *words], check=True)
    return root


def builder(folder: Path, epoch: str) -> None:
    for name in ("ambient_player.tar.gz", "ambient_player.whl"):
        (folder / name).write_text(f"{name} of {epoch}")


def answers(text: str, error: str = "") -> release.Runner:
    def run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 0, text, error)

    return run


CLEAN = answers(json.dumps({"dependencies": [{"name": "numpy", "version": "2.4.6", "vulns": []}]}))


def test_a_dry_run_builds_twice_writes_the_papers_and_tags_nothing(
    checkout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    out = tmp_path / "dist"
    release.release(checkout, out, is_dry=True, builder=builder, run=CLEAN)
    said = capsys.readouterr().out
    assert "the same bytes each time (SOURCE_DATE_EPOCH=1700000000)" in said
    assert "1 packages, no known weakness" in said
    assert "nothing was tagged" in said
    wheel = out / "ambient_player.whl"
    sums = dict(reversed(line.split("  ")) for line in (out / "SHA256SUMS").read_text().splitlines())
    assert sums[wheel.name] == sha256(wheel.read_bytes()).hexdigest()
    assert set(sums) == {"ambient_player.tar.gz", wheel.name, f"ambient-player-{VERSION}.cdx.json"}
    tags = subprocess.run(["git", "-C", str(checkout), "tag"], capture_output=True, text=True, check=True)
    assert tags.stdout == ""


def test_builds_that_differ_are_no_release(tmp_path: Path) -> None:
    turns = iter("ab")

    def unsteady(folder: Path, epoch: str) -> None:
        (folder / "ambient_player.whl").write_text(next(turns))

    with pytest.raises(ReleaseError, match="two builds of the same sources differ"):
        release.build_twice(tmp_path / "dist", EPOCH, unsteady)
    assert not list((tmp_path / "dist").iterdir())


def test_what_is_not_committed_is_said_in_a_dry_run_and_refused_in_another(
    checkout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (checkout / "CHANGELOG.md").write_text(f"## {VERSION} (2026-01-31)\n")
    release.release(checkout, tmp_path / "dist", is_dry=True, builder=builder, run=CLEAN)
    assert "not in it: 1 files are not committed, CHANGELOG.md first." in capsys.readouterr().out
    with pytest.raises(ReleaseError, match="not committed"):
        release.release(checkout, tmp_path / "dist", is_dry=False, builder=builder, run=CLEAN)


def test_a_release_needs_a_date_and_one_version_everywhere(checkout: Path) -> None:
    assert release.check_versions(checkout, is_dry=True) == VERSION
    with pytest.raises(ReleaseError, match=f"no date for {VERSION}"):
        release.check_versions(checkout, is_dry=False)
    (checkout / "CHANGELOG.md").write_text("## 9.9.9 (2026-01-31)\n")
    with pytest.raises(ReleaseError, match=f"does not begin with {VERSION}"):
        release.check_versions(checkout, is_dry=True)
    (checkout / "pyproject.toml").write_text('version = "9.9.9"\n')
    with pytest.raises(ReleaseError, match=r"pyproject\.toml says 9\.9\.9"):
        release.check_versions(checkout, is_dry=True)


def test_this_checkouts_versions_agree() -> None:
    assert release.check_versions(ROOT, is_dry=True) == VERSION


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (
            answers('{"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1"}]}]}'),
            "1 packages, known weaknesses in a 1: PYSEC-1",
        ),
        (
            answers('{"dependencies": [{"name": "a", "vulns": []}, {"name": "b", "skip_reason": "?"}]}'),
            "1 packages, no known weakness; nothing is known of 1 more",
        ),
        (
            answers('{"dependencies": [{"name": "b", "skip_reason": "not found"}]}'),
            "knew none of the packages",
        ),
        (answers("", "python: No module named pip_audit"), "pip-audit is not installed here"),
        (
            answers("", "Traceback\nConnectionError: no route"),
            "could not ask its database (ConnectionError: no",
        ),
    ],
)
def test_what_pip_audit_says_or_why_it_says_nothing(checkout: Path, run: release.Runner, said: str) -> None:
    assert said in release.audit(checkout, run)


def test_the_bill_of_materials_has_all_that_is_shipped_and_is_the_same_each_time() -> None:
    bill = sbom.bill(VERSION, int(EPOCH))
    assert bill == sbom.bill(VERSION, int(EPOCH))
    assert (bill["bomFormat"], bill["metadata"]["timestamp"]) == ("CycloneDX", "2023-11-14T22:13:20Z")
    by_name = {each["name"]: each for each in bill["components"]}
    assert by_name["onnxruntime"]["purl"].startswith("pkg:pypi/onnxruntime@")
    assert by_name["onnxruntime"]["licenses"] == [{"license": {"name": "MIT License"}}]
    assert (
        by_name["mood.onnx"]["hashes"][0]["content"]
        == sha256((ROOT / "models_onnx/mood.onnx").read_bytes()).hexdigest()
    )
    assert by_name["htmx.min.js"]["licenses"] == [{"license": {"name": "0BSD"}}]
    lock = (ROOT / "requirements/run.lock").read_text(encoding="utf-8")
    assert {line.partition("==")[0] for line in lock.splitlines() if not line.startswith("#")} <= set(by_name)


def test_a_package_that_is_not_installed_has_no_licence_made_up_for_it() -> None:
    assert sbom.licence("no-such-package-here") is None
    assert sbom.without_licence({"components": [{"name": "a"}, {"name": "b", "licenses": []}]}) == ["a"]
