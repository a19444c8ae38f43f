"""Backups of a real library, put back on another machine; and archives that are none."""

import errno
import json
import os
import re
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from player.backup import archive
from player.backup.folder_moves import FolderMoves
from player.backup.making import PREFIX, make
from player.backup.restoring import Restoration
from player.config import loader
from player.errors import BackupError, LibraryError, PlayerError
from player.interfaces.front.web.security import secrets_file
from player.library.database import copies, schema
from player.library.database.stations import Station
from player.library.database.store import Library
from player.state import state_file, taught_moments
from player.types import Mood
from tests.support.small_disk import POSSIBLE, fill, small_disk

NOW = datetime(2026, 11, 28, 4, 30, tzinfo=UTC)
CONFIG = """# our café
camera: {source: "rtsp://ann:geheim@10.0.0.5/stream"}   # above the door
library: {folders: [/music/ours], playlists: [{source: /music/ours/party.m3u}]}
mqtt:
  password: sesam
web: {enabled: false}
"""
STATION = "https://ann:geheim@radio.example/jazz.ogg?key=geheim"


class Machine:
    """A player's files."""

    def __init__(self, root: Path) -> None:
        self.root, self.state = root, root / "state"
        self.config = root / "config.yaml"
        root.mkdir()
        self.config.write_text(f"state_dir: {self.state}\n")

    def furnish(self) -> None:
        """What a year has brought."""
        self.config.write_text(f"{CONFIG}state_dir: {self.state}\n")
        self.state.mkdir(mode=0o700)
        connection = schema.connect(self.state / "library.db")
        for number, path in enumerate(("/music/ours/a.mp3", "/music/ours/b/c.mp3", "/music/oursalso/d.mp3")):
            connection.execute(
                "INSERT INTO tracks (id, path, size, mtime_ns, title, artist, album, genre, duration_s)"
                " VALUES (?, ?, 1, 1, 'T', 'A', '', '', 60)", (number + 1, path),
            )  # fmt: skip
        connection.execute("UPDATE tracks SET url = ? WHERE id = 3", (STATION,))
        connection.execute(
            "INSERT INTO plays (path, title, artist, started_at, why) VALUES"
            " ('/music/ours/a.mp3', 'T', 'A', 1, '{}')"
        )
        connection.execute("INSERT INTO feedback (track_id, at, kind, daypart) VALUES (1, 1, 'liked', 'day')")
        connection.close()
        state_file.save(
            self.state / state_file.STATE, {"path": "/music/ours/b/c.mp3", "position_s": 17.0, "coming": None}
        )
        state_file.save(self.state / taught_moments.NAME, {"version": 1, "moments": []})
        (self.state / archive.PASSWORDS).write_text('{"hash": "argon"}')

    def back_up(self, target: Path, *, secrets: bool = False) -> tuple[str, ...]:
        return make(target, self.config, self.state, self.state, NOW, secrets=secrets)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        connection = sqlite3.connect(self.state / "library.db")
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def everything(self) -> dict[str, bytes]:
        return {str(p.relative_to(self.root)): p.read_bytes() for p in self.root.rglob("*") if p.is_file()}


@pytest.fixture
def here(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path / "here")
    machine.furnish()
    return machine


@pytest.fixture
def there(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "there")


@pytest.fixture
def made(here: Machine, tmp_path: Path) -> Path:
    here.back_up(tmp_path / "b.zip")
    return tmp_path / "b.zip"


def restore(path: Path, onto: Machine, folders: dict[str, str]) -> list[str]:
    return Restoration(path, onto.config, folders).carry_out(NOW)


def test_another_machine_with_other_folders_knows_all_of_it(
    made: Path, here: Machine, there: Machine
) -> None:
    moved = {"/music/ours": "/srv/music", str(here.state): str(there.state)}
    said = restore(made, there, moved)
    assert there.rows("SELECT path FROM tracks ORDER BY id") == [
        ("/srv/music/a.mp3",), ("/srv/music/b/c.mp3",), ("/music/oursalso/d.mp3",),
    ]  # fmt: skip
    assert there.rows("SELECT path FROM plays") == [("/srv/music/a.mp3",)]
    assert there.rows("SELECT kind FROM feedback") == [("liked",)]
    state = state_file.load(there.state / state_file.STATE)
    assert (state["path"], state["position_s"], state["coming"]) == ("/srv/music/b/c.mp3", 17.0, None)
    assert (there.state / taught_moments.NAME).is_file()
    config = loader.load(there.config)
    assert config.library.folders == (Path("/srv/music"),)
    assert config.library.playlists[0].source == "/srv/music/party.m3u"
    assert "# our café" in there.config.read_text()
    assert "tracks that are at another place now: 2" in said
    assert not (there.state / archive.PASSWORDS).exists()


@pytest.mark.parametrize("old", ["/home/ann/Music", "~/Music"])
def test_a_folder_in_the_home_of_another_machine_is_moved(
    old: str, here: Machine, there: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _lives_at_home(here)
    monkeypatch.setenv("HOME", "/home/ann")
    here.back_up(tmp_path / "b.zip")
    monkeypatch.setenv("HOME", "/home/bob")
    said = restore(tmp_path / "b.zip", there, {old: "/srv/music", str(here.state): str(there.state)})
    assert there.rows("SELECT path FROM tracks WHERE id = 1") == [("/srv/music/a.mp3",)]
    config = loader.load(there.config)
    assert config.library.folders == (Path("/srv/music"), Path("/home/bob/Else"))
    assert "tracks that are at another place now: 1" in said
    assert not [line for line in said if line.startswith("but")]


def test_a_backup_that_does_not_say_whose_home_it_was_goes_by_the_folder_that_is_given(
    here: Machine, there: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As those of earlier players."""
    _lives_at_home(here)
    here.back_up(tmp_path / "b.zip")
    _changed(tmp_path / "b.zip", tmp_path / "old.zip", lambda _: None)
    monkeypatch.setenv("HOME", "/home/bob")
    moved = {"/home/ann/Music": "/srv/music", str(here.state): str(there.state), "/nowhere": "/x"}
    said = restore(tmp_path / "old.zip", there, moved)
    assert loader.load(there.config).library.folders == (Path("/srv/music"), Path("/home/bob/Else"))
    assert [line for line in said if "~" in line or "nowhere" in line] == [
        "~/Music in config.yaml was taken for /home/ann/Music: this backup does not say whose home ~ was",
        "but ~/Else in config.yaml stays: this backup does not say whose home ~ was",
        "but nothing in the backup was in /nowhere: is that where its music was?",
    ]


def _lives_at_home(machine: Machine) -> None:
    machine.config.write_text(f"library: {{folders: [~/Music, ~/Else]}}\nstate_dir: {machine.state}\n")
    connection = schema.connect(machine.state / "library.db")
    connection.execute("UPDATE tracks SET path = '/home/ann/Music/a.mp3' WHERE id = 1")
    connection.close()


def test_a_home_that_nobody_knows_is_said() -> None:
    with pytest.raises(BackupError, match="write the folder in full"):
        FolderMoves({"~/Music": "/srv"}, "", "")


@pytest.mark.parametrize(
    ("folders", "paths"),
    [
        ({"/m/A": "/m/B", "/m/B": "/m/C"}, ["/m/B/1.mp3", "/m/C/1.mp3"]),
        ({"/m/A": "/m/B", "/m/B": "/m/A"}, ["/m/B/1.mp3", "/m/A/1.mp3"]),
    ],
)
def test_folders_may_change_places(
    folders: dict[str, str], paths: list[str], here: Machine, tmp_path: Path
) -> None:
    connection = schema.connect(here.state / "library.db")
    connection.execute("UPDATE tracks SET path = '/m/A/1.mp3' WHERE id = 1")
    connection.execute("UPDATE tracks SET path = '/m/B/1.mp3' WHERE id = 2")
    connection.close()
    here.config.write_text(f"library: {{folders: [/m/A, /m/B]}}\nstate_dir: {here.state}\n")
    here.back_up(tmp_path / "b.zip")
    restore(tmp_path / "b.zip", here, folders)
    assert [path for (path,) in here.rows("SELECT path FROM tracks WHERE id < 3 ORDER BY id")] == paths
    assert list(loader.load(here.config).library.folders) == [Path(path).parent for path in paths]


def test_no_password_is_in_it_unless_it_is_asked_for(here: Machine, tmp_path: Path) -> None:
    hidden = here.back_up(tmp_path / "plain.zip")
    assert hidden == ("camera.source", "mqtt.password")
    with zipfile.ZipFile(tmp_path / "plain.zip") as packed:
        whole = b"".join(packed.read(name) for name in packed.namelist())
    assert b"geheim" not in whole
    assert b"sesam" not in whole
    assert b"argon" not in whole
    assert b"rtsp://10.0.0.5/stream" in whole
    assert here.back_up(tmp_path / "all.zip", secrets=True) == ()
    with zipfile.ZipFile(tmp_path / "all.zip") as packed:
        assert b"sesam" in packed.read(archive.CONFIG)
        assert STATION.encode() in packed.read(state_file.DATABASE)
        assert b"argon" in packed.read(archive.PASSWORDS)


@pytest.mark.parametrize("name", [b"copy.db", b"caf\xe9.db"])
def test_what_was_deleted_or_shortened_is_nowhere_in_the_copy(
    here: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: bytes
) -> None:
    """Some builds of SQLite leave it in parts of the file that are free."""
    real = sqlite3.connect

    def careless(*arguments: Any, **named: Any) -> sqlite3.Connection:
        made = real(*arguments, **named)
        made.execute("PRAGMA secure_delete = OFF")
        return made

    monkeypatch.setattr(sqlite3, "connect", careless)
    with closing(schema.connect(here.state / state_file.DATABASE)) as connection:
        long = f"https://radio.example/?key={'geheim' * 99}"
        connection.execute("UPDATE tracks SET url = ? WHERE id = 2", (long,))
        connection.execute("DELETE FROM tracks WHERE id = 3")
    assert STATION.encode() in (here.state / state_file.DATABASE).read_bytes()
    target = tmp_path / os.fsdecode(name)
    copies.copy(here.state / state_file.DATABASE, target, secrets=False)
    assert b"geheim" not in target.read_bytes()
    with closing(real(target)) as copied:
        assert copied.execute("SELECT url FROM tracks WHERE id = 2").fetchone() == ("https://radio.example/",)


def test_a_station_plays_again_once_its_owner_has_entered_its_password_again(
    here: Machine, there: Machine, tmp_path: Path
) -> None:
    radio = Station(STATION, "Jazz", Mood(0.4, -0.4), 900)
    with closing(Library(here.state / state_file.DATABASE)) as library:
        library.set_stations([radio])
    here.back_up(tmp_path / "b.zip")
    restore(tmp_path / "b.zip", there, {str(here.state): str(there.state)})
    with closing(Library(there.state / state_file.DATABASE)) as library:
        library.set_stations([replace(radio, url="https://radio.example/jazz.ogg")])
        library.set_stations([radio])
        assert [track.url for track in library.tracks() if track.title == "Jazz"] == [STATION]


def test_the_passwords_of_the_page_are_in_the_file_that_the_page_reads() -> None:
    assert secrets_file.NAME == archive.PASSWORDS


def test_what_stands_in_the_write_ahead_log_of_a_player_that_runs_is_in_it(
    here: Machine, there: Machine, tmp_path: Path
) -> None:
    running = schema.connect(here.state / "library.db")
    try:
        running.execute("UPDATE tracks SET title = 'new' WHERE id = 1")
        here.back_up(tmp_path / "b.zip")
    finally:
        running.close()
    restore(tmp_path / "b.zip", there, {str(here.state): str(there.state)})
    assert there.rows("SELECT title FROM tracks WHERE id = 1") == [("new",)]


def test_what_was_there_is_kept_beside_it(made: Path, here: Machine) -> None:
    connection = schema.connect(here.state / "library.db")
    connection.execute("DELETE FROM tracks")
    connection.close()
    here.config.write_text(f"state_dir: {here.state}\n# later\n")
    said = restore(made, here, {})
    (aside,) = here.state.glob("before-restore-*")
    assert any(str(aside) in line for line in said)
    assert "# later" in (aside / "config.yaml").read_text()
    assert len(here.rows("SELECT * FROM tracks")) == 3
    assert here.config.stat().st_mode & 0o777 == 0o644, "a file that is there keeps its rights"


def test_a_library_of_an_earlier_version_is_brought_up_to_date(
    made: Path, there: Machine, here: Machine
) -> None:
    older = made.with_name("older.zip")

    def age(folder: Path) -> None:
        (folder / "library.db").unlink()
        connection = sqlite3.connect(folder / "library.db")
        for number, script in enumerate(schema.MIGRATIONS[:3], 1):
            connection.executescript(f"{script}; PRAGMA user_version = {number};")
        connection.close()

    _changed(made, older, age, schema=3)
    restore(older, there, {str(here.state): str(there.state)})
    assert there.rows("PRAGMA user_version") == [(copies.SCHEMA,)]
    assert not list(there.state.glob("library.db.version-*"))


def _changed(source: Path, target: Path, change: Callable[[Path], None], **manifest: object) -> None:
    """A backup with other contents, and a list that fits them."""
    folder = target.with_suffix(".contents")
    with zipfile.ZipFile(source) as packed:
        packed.extractall(folder)
    change(folder)
    said = json.loads((folder / archive.MANIFEST).read_text())
    (folder / archive.MANIFEST).unlink()
    files = {path.name: path for path in folder.iterdir()}
    said |= manifest
    archive.write(
        target,
        folder,
        files,
        lambda sums: archive.Manifest(said["player"], said["schema"], said["made_at"], False, (), sums),
    )
    shutil.rmtree(folder)


def _refused(path: Path, onto: Machine, words: str) -> None:
    """It is said, and nothing on the machine has changed."""
    before = onto.everything()
    with pytest.raises(PlayerError, match=words):
        restore(path, onto, {})
    assert onto.everything() == before
    assert not list(onto.state.glob(".restore-*"))


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_part_of_a_backup_is_refused(share: float, made: Path, here: Machine) -> None:
    data = made.read_bytes()
    made.write_bytes(data[: int(len(data) * share)])
    _refused(made, here, "is no backup of this player, or not the whole of one")


@pytest.mark.parametrize("share", [0.1, 0.3, 0.6])
def test_one_that_was_damaged_on_its_way_is_refused(share: float, made: Path, here: Machine) -> None:
    data = bytearray(made.read_bytes())
    at = int(len(data) * share)
    data[at : at + 4] = bytes(255 - byte for byte in data[at : at + 4])
    made.write_bytes(data)
    _refused(made, here, "damaged|no backup|does not hold what its list says")


def test_archives_of_others_are_refused(tmp_path: Path, here: Machine) -> None:
    for name, files in {
        "photos.zip": {"a.jpg": "x"},
        "list.zip": {archive.MANIFEST: "[]"},
        "other.zip": {archive.MANIFEST: '{"kind": "something else"}'},
    }.items():
        with zipfile.ZipFile(tmp_path / name, "w") as packed:
            for inner, text in files.items():
                packed.writestr(inner, text)
        _refused(tmp_path / name, here, "is no backup of this player")
    with zipfile.ZipFile(tmp_path / "endless.zip", "w") as packed:
        said = {"kind": archive.KIND, "format": archive.FORMAT, "player": "1", "schema": float("inf")}
        packed.writestr(archive.MANIFEST, json.dumps(said | {"files": {"config.yaml": "", "library.db": ""}}))
    _refused(tmp_path / "endless.zip", here, "makes no sense")
    (tmp_path / "text.zip").write_text("no archive")
    _refused(tmp_path / "text.zip", here, "is no backup of this player")
    _refused(tmp_path / "nowhere.zip", here, "is not there")
    _refused(tmp_path, here, "is no file")


def test_one_that_this_user_may_not_read_is_said_with_what_to_do(
    made: Path, here: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one in somebody's home, to the machine's own player."""

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(archive.zipfile, "ZipFile", refuse)
    monkeypatch.setenv("HOME", "/var/lib/ambient-player")
    command = f"`sudo install -m 0600 -o {os.geteuid()} {made} /var/lib/ambient-player/to-restore.zip`"
    _refused(made, here, rf"cannot be read \(Permission denied\).*{re.escape(command)}, and restore that")


@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "a/b", "library.db/../evil", "control.sock"])
def test_no_file_can_come_out_of_it_anywhere_else(
    name: str, made: Path, here: Machine, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.zip"
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(bad, "w") as new:
        said = json.loads(old.read(archive.MANIFEST))
        for inner in said["files"]:
            new.writestr(inner, old.read(inner))
        new.writestr(name, "evil")
        new.writestr(archive.MANIFEST, json.dumps(said))
    _refused(bad, here, "does not hold what its list says")
    said["files"][name] = "0" * 64
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(bad, "w") as new:
        for inner in said["files"]:
            new.writestr(inner, "evil" if inner == name else old.read(inner))
        new.writestr(archive.MANIFEST, json.dumps(said))
    _refused(bad, here, "is no file of a backup")
    assert not (tmp_path / "evil").exists()


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused(
    made: Path, here: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(archive.LARGEST, state_file.DATABASE, 10_000)
    _refused(made, here, "too large")


def test_one_of_a_newer_player_is_refused(made: Path, here: Machine, tmp_path: Path) -> None:
    newer = tmp_path / "newer.zip"
    _changed(made, newer, lambda _: None, schema=copies.SCHEMA + 1)
    _refused(newer, here, f"its library has version {copies.SCHEMA + 1}.*update this one first")
    with zipfile.ZipFile(newer, "w") as packed:
        packed.writestr(archive.MANIFEST, json.dumps({"kind": archive.KIND, "format": 2, "player": "9.0"}))
    _refused(newer, here, r"made by a newer player \(9.0\)")


def test_one_whose_library_was_damaged_already_is_refused(made: Path, here: Machine, tmp_path: Path) -> None:
    def damage(folder: Path) -> None:
        data = bytearray((folder / "library.db").read_bytes())
        data[5000:9000] = bytes(4000)
        (folder / "library.db").write_bytes(data)

    _changed(made, tmp_path / "bad.zip", damage)
    _refused(tmp_path / "bad.zip", here, "library in it is damaged")
    _changed(made, tmp_path / "none.zip", lambda folder: (folder / "library.db").write_bytes(b""))  # type: ignore[func-returns-value,arg-type,return-value]
    _refused(tmp_path / "none.zip", here, "library in it is damaged")


def test_settings_that_this_player_does_not_know_are_refused(
    made: Path, here: Machine, tmp_path: Path
) -> None:
    def edit(folder: Path) -> None:
        (folder / "config.yaml").write_text("camera: {nonsense: 1}\n")

    _changed(made, tmp_path / "bad.zip", edit)
    _refused(tmp_path / "bad.zip", here, "nonsense")


def test_two_folders_cannot_become_one(made: Path, here: Machine) -> None:
    connection = schema.connect(here.state / "library.db")
    connection.execute("UPDATE tracks SET path = '/music/oursalso/a.mp3' WHERE id = 3")
    connection.close()
    here.back_up(made)
    before = here.everything()
    with pytest.raises(LibraryError, match="would become one"):
        restore(made, here, {"/music/ours": "/m", "/music/oursalso": "/m"})
    assert here.everything() == before


@pytest.mark.parametrize("step", range(1, 7))
def test_a_disk_that_fails_in_the_middle_leaves_all_as_it_was(
    step: int, made: Path, here: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each file in turn cannot be renamed; the way back can."""
    from player.backup import restoring  # noqa: PLC0415

    done: list[str] = []
    rename = restoring.os.rename

    def failing(source: Path, target: Path) -> None:
        done.append(str(source))
        if len(done) == step:
            raise OSError(5, "Input/output error")
        rename(source, target)

    monkeypatch.setattr(restoring.os, "rename", failing)
    before = here.everything()
    with pytest.raises(BackupError, match=r"Input/output error.*all is as it was"):
        restore(made, here, {})
    assert here.everything() == before


def test_settings_that_cannot_be_put_back_are_named(made: Path, here: Machine) -> None:
    here.config.unlink()
    here.config.mkdir()
    with pytest.raises(BackupError, match=f"{here.config} cannot be written to"):
        restore(made, here, {})


def test_it_replaces_no_file_of_anybody_elses(here: Machine, tmp_path: Path) -> None:
    photo = tmp_path / "photo.zip"
    with zipfile.ZipFile(photo, "w") as packed:
        packed.writestr("a.jpg", "x")
    before = photo.read_bytes()
    for target in (photo, here.config, Path("/dev/null")):
        with pytest.raises(BackupError, match="stays as it is"):
            here.back_up(target)
    assert photo.read_bytes() == before
    with pytest.raises(BackupError, match="check that it is there"):
        here.back_up(tmp_path / "nowhere" / "b.zip")
    assert here.back_up(tmp_path / "again.zip") == here.back_up(tmp_path / "again.zip")


def test_a_backup_is_its_owners_alone(made: Path) -> None:
    assert made.stat().st_mode & 0o777 == 0o600
    assert not list(made.parent.glob(".*"))


def test_what_a_power_cut_left_of_an_earlier_backup_or_restore_goes(
    made: Path, here: Machine, tmp_path: Path
) -> None:
    left = [tmp_path / f"{PREFIX}ab_12xyz", here.state / ".restore-ab_12xyz"]
    for folder in left:
        folder.mkdir()
        (folder / state_file.DATABASE).write_bytes(bytes(1000))
        for path in (folder / state_file.DATABASE, folder):
            os.utime(path, (0, 0))
    here.back_up(made)
    restore(made, here, {})
    assert not any(folder.exists() for folder in left)


@pytest.mark.skipif(not POSSIBLE, reason="only root may mount a small disk")
def test_a_full_disk_leaves_the_last_backup_and_no_rests(here: Machine, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1000) as disk:
        here.back_up(disk / "b.zip")
        before = (disk / "b.zip").read_bytes()
        fill(disk)
        with pytest.raises(BackupError, match=r"b.zip cannot be written.*make room on its disk"):
            here.back_up(disk / "b.zip")
        assert (disk / "b.zip").read_bytes() == before
        assert {path.name for path in disk.iterdir()} == {"b.zip", "filler"}


@pytest.mark.skipif(not POSSIBLE, reason="only root may mount a small disk")
def test_a_full_disk_restores_nothing(made: Path, here: Machine, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1000) as disk:
        connection = schema.connect(disk / "library.db")
        connection.close()
        here.config.write_text(f"state_dir: {disk}\n")
        fill(disk)
        before = {path.name: path.read_bytes() for path in disk.iterdir()}
        with pytest.raises(PlayerError, match="make room on its disk"):
            restore(made, here, {str(here.state): str(disk)})
        assert {path.name: path.read_bytes() for path in disk.iterdir()} == before
        assert here.config.read_text() == f"state_dir: {disk}\n"
