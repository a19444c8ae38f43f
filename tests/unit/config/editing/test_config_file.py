"""config.yaml read, written and taken back: the file stays the file it was."""

from __future__ import annotations

import errno
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from player.config import loader
from player.config.editing import safe_write
from player.config.editing.config_file import ConfigFile
from player.config.editing.versions import MOST
from player.errors import ConfigChangedError, ConfigError, MissingError
from player.system import resources

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
TEXT = "playback:\n  volume: 70  # mine\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def file(path: Path, tmp_path: Path) -> ConfigFile:
    return ConfigFile(path, tmp_path / "state" / "config_versions")


def volume(file: ConfigFile, percent: Any, base: str | None = None) -> Any:
    return file.write({"playback.volume": percent}, base, NOW)


def fails(monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, error: int) -> None:
    """Let a function of a module fail as the system does."""

    def failing(*_: object, **__: object) -> None:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(module, name, failing)


def test_it_says_what_holds_and_what_stands_in_the_file(file: ConfigFile) -> None:
    held = file.read()
    assert (held.values["playback"]["volume"], held.values["gate"]["interval_s"]) == (70, 5)
    assert held.given == ("playback.volume",)


def test_a_write_is_refused_if_somebody_else_wrote_meanwhile(file: ConfigFile, path: Path) -> None:
    base = file.read().etag
    path.write_text(TEXT + "# a note\n", encoding="utf-8")
    with pytest.raises(ConfigChangedError, match="look again"):
        volume(file, 50, base)
    assert path.read_text(encoding="utf-8") == TEXT + "# a note\n"
    assert volume(file, 50, f'"{file.read().etag}"').etag == file.read().etag


def test_rights_and_links_stay(file: ConfigFile, path: Path, tmp_path: Path) -> None:
    real = tmp_path / "elsewhere" / "real.yaml"
    real.parent.mkdir()
    path.replace(real)
    real.chmod(0o640)
    path.symlink_to(real)
    volume(file, 50)
    assert path.is_symlink()
    assert real.read_text(encoding="utf-8") == TEXT.replace("70", "50")
    assert real.stat().st_mode & 0o777 == 0o640
    assert [found.name for found in real.parent.iterdir()] == ["real.yaml"], "nothing is left beside it"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_its_owner_stays(file: ConfigFile, path: Path) -> None:
    os.chown(path, 12345, 12346)
    volume(file, 50)
    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 12346)


def test_other_names_of_the_same_file_stay(file: ConfigFile, path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    os.link(path, other)
    volume(file, 50)
    assert other.read_text(encoding="utf-8") == TEXT.replace("70", "50")


@pytest.mark.parametrize(
    ("error", "module", "name"),
    [(errno.EBUSY, os, "replace"), (errno.EROFS, safe_write, "mkstemp")],
    ids=["in a folder like any", "in a read-only one"],
)
def test_a_file_that_is_a_mount_of_its_own_is_written_into(
    file: ConfigFile, path: Path, monkeypatch: pytest.MonkeyPatch, error: int, module: ModuleType, name: str
) -> None:
    fails(monkeypatch, module, name, error)
    volume(file, 50)
    assert path.read_text(encoding="utf-8") == TEXT.replace("70", "50")
    assert not list(path.parent.glob(".config*"))


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_does_not_take_it_is_one_sentence(
    file: ConfigFile, path: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    fails(monkeypatch, safe_write, "mkstemp", error)
    with pytest.raises(ConfigError, match="cannot be written") as caught:
        volume(file, 50)
    assert len(caught.value.problems) == 1
    assert path.read_text(encoding="utf-8") == TEXT


@pytest.mark.parametrize(
    ("flags", "hint"), [(os.ST_RDONLY | os.ST_NOSUID, "its disk is read-only"), (0, "check its permissions")]
)
def test_whether_its_disk_or_its_rights_forbid_it_is_said(
    file: ConfigFile, path: Path, monkeypatch: pytest.MonkeyPatch, flags: int, hint: str
) -> None:
    found = list(os.statvfs(path))
    found[8] = flags
    monkeypatch.setattr(os, "access", lambda *_: False)
    monkeypatch.setattr(os, "statvfs", lambda _: os.statvfs_result(found))
    with pytest.raises(ConfigError, match=hint):
        volume(file, 50)
    assert path.read_text(encoding="utf-8") == TEXT


def test_a_full_disk_takes_nothing_from_a_file_that_is_written_into(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.link(path, tmp_path / "other")
    fails(monkeypatch, os, "posix_fallocate", errno.ENOSPC)
    with pytest.raises(ConfigError, match="make room"):
        safe_write.replace(path, b"longer" * 1000)
    assert path.read_text(encoding="utf-8") == TEXT


def test_what_is_no_file_is_not_written_to(tmp_path: Path) -> None:
    link = tmp_path / "link.yaml"
    link.symlink_to(tmp_path / "nowhere.yaml")
    for path in (tmp_path, link):
        with pytest.raises(ConfigError):
            ConfigFile(path).write({"log.level": "debug"}, None, NOW)
    assert not (tmp_path / "nowhere.yaml").exists()


def test_a_file_that_is_not_there_begins_like_the_shipped_one(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.yaml"
    file = ConfigFile(path)
    assert file.read().etag == "none"
    file.write({"playback.volume": 5}, "none", NOW)
    assert path.stat().st_mode & 0o777 == 0o600
    shipped = loader.SHIPPED_PATH.read_text(encoding="utf-8")
    assert len(path.read_text(encoding="utf-8").splitlines()) == len(shipped.splitlines())
    assert loader.load(path).playback.volume == 5


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where `config init` writes."""
    monkeypatch.setattr(resources, "INSTALLED", True)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path / "ambient-player" / "config.yaml"


def test_a_disk_that_fills_up_leaves_no_part_of_a_first_file(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full:
        fails(full, os, "fsync", errno.ENOSPC)
        with pytest.raises(ConfigError, match=r"cannot be written \(No space left on device\)"):
            loader.write_own()
    assert not list(own.parent.iterdir())
    assert loader.write_own() == own


@pytest.mark.parametrize("links", [True, False], ids=["", "on a disk without links"])
def test_a_first_file_is_written_over_no_other(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:
        fails(monkeypatch, os, "link", errno.EPERM)
    loader.write_own()
    assert own.read_bytes() == loader.SHIPPED_PATH.read_bytes()
    own.write_text(TEXT, encoding="utf-8")
    with pytest.raises(ConfigError, match="is there already"):
        loader.write_own()
    assert own.read_text(encoding="utf-8") == TEXT
    own.unlink()
    own.symlink_to(tmp_path / "nowhere")
    with pytest.raises(ConfigError):
        loader.write_own()
    assert [found.name for found in own.parent.iterdir()] == ["config.yaml"], "nothing is left beside it"


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfplayback: {volume: 70}",
        b"playback:\r\n  volume: 70\r\n",
        b"playback: {volume: 70} # \xea\xb0\x80",
    ],
)  # fmt: skip
def test_marks_and_line_ends_stay(file: ConfigFile, path: Path, data: bytes) -> None:
    path.write_bytes(data)
    volume(file, 55)
    assert path.read_bytes() == data.replace(b"70", b"55")
    (earlier,) = file.versions()
    file.revert(earlier.number, NOW)
    assert path.read_bytes() == data


def test_the_last_ten_are_kept_for_their_owner_alone(file: ConfigFile, tmp_path: Path) -> None:
    for percent in range(1, 15):
        volume(file, percent)
    kept = file.versions()
    assert [version.said for version in kept] == [f"playback.volume: {n}" for n in range(13, 3, -1)]
    assert {found.stat().st_mode & 0o077 for found in (tmp_path / "state").rglob("*")} == {0}


def test_an_earlier_version_comes_back_and_is_one_itself(file: ConfigFile, path: Path) -> None:
    volume(file, 50)
    volume(file, 30)
    first = file.versions()[-1]
    assert first.said == "as it was found"
    file.revert(first.number, NOW)
    assert path.read_text(encoding="utf-8") == TEXT
    assert [version.said for version in file.versions()] == ["playback.volume: 30", "playback.volume: 50"]
    file.revert(file.versions()[0].number, NOW)
    assert loader.load(path).playback.volume == 30


def test_what_somebody_edited_by_hand_is_kept_too(file: ConfigFile, path: Path) -> None:
    volume(file, 50)
    path.write_text("log: {level: debug}\n", encoding="utf-8")
    volume(file, 20)
    assert file.versions()[0].text == "log: {level: debug}\n"


def test_a_version_mends_a_file_that_has_been_broken(file: ConfigFile, path: Path) -> None:
    volume(file, 50)
    path.write_text("playback: [", encoding="utf-8")
    file.revert(file.versions()[0].number, NOW)
    assert loader.load(path).playback.volume == 50


def test_a_version_that_would_not_load_is_refused(file: ConfigFile, path: Path) -> None:
    path.write_text("playback: {volume: 700}\n", encoding="utf-8")
    volume(file, 50)
    with pytest.raises(ConfigError, match=r"can be used no longer: .*found 700"):
        file.revert(file.versions()[0].number, NOW)
    with pytest.raises(MissingError, match="no version 77; there are 1"):
        file.revert(77, NOW)
    assert loader.load(path).playback.volume == 50


def test_the_same_value_writes_nothing(file: ConfigFile, path: Path) -> None:
    before = path.stat()
    written = volume(file, 70)
    after = path.stat()
    assert not written.candidate.changed
    assert (after.st_ino, after.st_mtime_ns, after.st_ctime_ns) == (
        before.st_ino,
        before.st_mtime_ns,
        before.st_ctime_ns,
    )
    assert not file.versions()


def test_a_write_can_be_taken_back(file: ConfigFile, path: Path) -> None:
    volume(file, 60)
    written = volume(file, 50)
    assert file.take_back(written)
    assert loader.load(path).playback.volume == 60
    assert [version.said for version in file.versions()] == ["as it was found"]
    assert not file.take_back(written), "the file is no longer what was written"


def test_without_a_folder_for_versions_it_is_written_all_the_same(path: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    written = volume(ConfigFile(path, tmp_path / "taken" / "config_versions"), 50)
    assert written.kept
    assert loader.load(path).playback.volume == 50


def test_files_with_one_state_folder_have_each_their_own_versions(
    file: ConfigFile, path: Path, tmp_path: Path
) -> None:
    volume(file, 23)
    summer, link = tmp_path / "summer.yaml", tmp_path / "link.yaml"
    summer.write_text(TEXT, encoding="utf-8")
    other = ConfigFile(summer, tmp_path / "state" / "config_versions")
    assert other.versions() == []
    with pytest.raises(MissingError, match="none is kept"):
        other.revert(file.versions()[0].number, NOW)
    for percent in range(1, 15):
        volume(other, percent)
    assert len(other.versions()) == MOST
    assert [version.said for version in file.versions()] == ["as it was found"], "none of it is pruned"
    link.symlink_to(path)
    assert ConfigFile(link, tmp_path / "state" / "config_versions").versions() == file.versions()
    assert path.read_text(encoding="utf-8") == TEXT.replace("70", "23")


def test_versions_that_do_not_say_whose_they_are_belong_to_the_usual_file(
    file: ConfigFile, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    volume(file, 23)
    for kept in (tmp_path / "state" / "config_versions").glob("*.json"):
        kept.write_text(json.dumps({**json.loads(kept.read_bytes()), "file": ""}))
    assert file.versions() == []
    monkeypatch.setattr(loader, "default_path", lambda: path)
    assert [version.said for version in file.versions()] == ["as it was found"]


def test_a_damaged_version_is_passed_over(file: ConfigFile, tmp_path: Path) -> None:
    volume(file, 50)
    volume(file, 40)
    folder = tmp_path / "state" / "config_versions"
    (folder / "1.json").write_bytes(b"\xff{")
    assert [version.number for version in file.versions()] == [2]


def test_what_a_change_would_be_in_the_file_is_shown_before_it_is_written(
    file: ConfigFile, path: Path
) -> None:
    made = file.check({"playback.volume": 40})
    assert file.difference(made.text) == (
        "@@ -1,2 +1,2 @@",
        " playback:",
        "-  volume: 70  # mine",
        "+  volume: 40  # mine",
    )
    assert file.difference(path.read_text(encoding="utf-8")) == ()
    volume(file, 40)
    (earlier,) = file.versions()
    assert file.difference(file.version(earlier.number).text)[2:] == (
        "-  volume: 40  # mine",
        "+  volume: 70  # mine",
    )
    with pytest.raises(MissingError):
        file.version(99)


def test_a_difference_shows_no_password(file: ConfigFile, path: Path) -> None:
    path.write_text("camera:\n  source: rtsp://me:hunter2@10.0.0.2/live\n  enabled: true\n", encoding="utf-8")
    made = file.check({"camera.source": "rtsp://me:hunter3@10.0.0.2/live", "camera.enabled": False})
    said = "\n".join(file.difference(made.text))
    assert "enabled: false" in said
    assert "hunter" not in said


def test_a_difference_shows_no_password_that_is_a_usual_word(file: ConfigFile, path: Path) -> None:
    path.write_text('mqtt:\n  user: cafe\n  password: "latte"\n', encoding="utf-8")
    made = file.check({"mqtt.password": "mocha", "mqtt.user": "shop"})
    said = "\n".join(file.difference(made.text))
    assert "shop" in said
    assert "latte" not in said
    assert "mocha" not in said


@pytest.mark.parametrize(
    "told",
    [
        "  items:  # - command: say geheim\n  - command: say --pw geheim\n    at: ['12:00']\n",
        "  items:\n  - at: ['12:00']\n    command: say\n      --pw\n      geheim\n",
        '  items:\n  - {at: [\'12:00\'], "command": "say\n     geheim"}\n',
        "  items:\n  - command: |\n      say --pw\n\n      geheim\n    at: ['12:00']\n",
        "  voice:\n    command:\n    - say\n    - geheim\n    - '{file}'\n",
        "  voice:\n    command: [say,\n      geheim,\n   '{file}']\n",
    ],
)
def test_a_difference_shows_nothing_of_what_programs_are_told(
    file: ConfigFile, path: Path, told: str
) -> None:
    text = f"announcements:\n{told}  duck_db: 3\n"
    for before, after in (
        (TEXT, text),
        (text, text.replace("geheim", "geheimer")),
        (text, text.replace("3", "4")),
    ):
        path.write_text(before, encoding="utf-8")
        said = file.difference(after)
        assert said
        assert "geheim" not in "".join(said)
    assert said[-2:] == ("-  duck_db: 3", "+  duck_db: 4")


SPELLINGS = [
    '\n  "password": geheim\n  port: 1883\n',
    "\n  password : geheim\n  port: 1883\n",
    "\n  password:\n    geheim\n  port: 1883\n",
    "\n  password: >-\n    geheim\n    geheimer\n  port: 1883\n",
    ' {port: 1883, "password": "geheim"}\n',
]


@pytest.mark.parametrize(
    "mqtt",
    [
        *SPELLINGS,
        "\n  user: &x geheim\n  password: *x\n  port: 1883\n",
        '\n  # it was "geheim" all along\n  port: 1883\n  password: "geheim"\n',
        '\n  port: 1883\n  password: "sehr\n geheim"\n',
    ],
)
def test_a_difference_shows_no_password_however_it_is_written(
    file: ConfigFile, path: Path, mqtt: str
) -> None:
    path.write_text(f"mqtt:{mqtt}", encoding="utf-8")
    said = file.difference(file.check({"mqtt.port": 5}).text)
    file.write({"mqtt.port": 5}, None, NOW)
    (earlier,) = file.versions()
    back = file.difference(file.version(earlier.number).text)
    assert "geheim" not in "".join(said + back)
    for port, lines in (("5", said), ("1883", back)):
        assert any(line.startswith("+") and port in line for line in lines), "what is no secret is shown"


@pytest.mark.parametrize("mqtt", SPELLINGS)
def test_a_difference_shows_no_password_of_a_broken_file(file: ConfigFile, path: Path, mqtt: str) -> None:
    path.write_text(f"mqtt:{mqtt}]\n", encoding="utf-8")
    said = file.difference(f"mqtt:{mqtt}]\n".replace("1883", "5"))
    assert said
    assert "geheim" not in "".join(said)


def test_a_difference_shows_that_there_is_no_password(file: ConfigFile, path: Path) -> None:
    path.write_text('mqtt:\n  password: ""  # in quotes\n  port: 1883\n', encoding="utf-8")
    made = file.check({"mqtt.port": 5})
    assert file.difference(made.text)[2] == '   password: ""  # in quotes'
