"""The library's SQLite file: opened, brought up to date, or set aside and rebuilt.

The module is long because every migration stays here as it was released.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import count
from pathlib import Path

from player.errors import LibraryError, NoLibraryError, OldLibraryError
from player.library.database import recovery
from player.library.database.check import check, is_small
from player.library.database.folder_lock import FolderLock, WritingConnection
from player.library.rules import FUNCTIONS
from player.log import EventLog, LogEvent
from player.privacy.private_files import make_folder, make_private

log = EventLog(__name__, LogEvent.LIBRARY)

MIGRATIONS = (
    """
    CREATE TABLE tracks (
        path TEXT PRIMARY KEY,
        size INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL,
        present INTEGER NOT NULL DEFAULT 1,   -- 0: not found by the last scan; what is known of it is kept
        unreadable TEXT,                      -- why it cannot be played
        title TEXT NOT NULL,
        artist TEXT NOT NULL,
        album TEXT NOT NULL,
        genre TEXT NOT NULL,
        duration_s REAL NOT NULL,
        tag_lufs REAL,
        tag_peak_dbfs REAL,
        valence REAL,                         -- from here on NULL until analysed
        energy REAL,
        quadrant TEXT,
        moods TEXT,                           -- JSON: feeling -> probability
        loudness_lufs REAL,
        peak_dbfs REAL,
        tempo_bpm REAL
    ) WITHOUT ROWID;
    CREATE TABLE plays (
        id INTEGER PRIMARY KEY,
        path TEXT NOT NULL,
        title TEXT NOT NULL,
        artist TEXT NOT NULL,
        started_at REAL NOT NULL,             -- seconds since 1970, UTC
        ended_at REAL,
        audible INTEGER,                      -- 1 heard, 0 silent, NULL nobody listened
        why TEXT NOT NULL                     -- JSON
    );
    CREATE INDEX plays_by_time ON plays (started_at);
    """,
    # A track is its sound and no longer its path: it keeps its number when the file moves.
    """
    ALTER TABLE tracks RENAME TO tracks_1;
    CREATE TABLE tracks (
        id INTEGER PRIMARY KEY,
        path TEXT NOT NULL UNIQUE,            -- of a stream: a name made from its address
        url TEXT NOT NULL DEFAULT '',         -- of a stream: where the sound is
        size INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL,
        content TEXT,                         -- hash of the sound without tags; NULL until analysed
        missing_since REAL,                   -- seconds since 1970: no scan found it since then
        unreadable TEXT,                      -- why it cannot be played
        title TEXT NOT NULL,
        artist TEXT NOT NULL,
        album TEXT NOT NULL,
        genre TEXT NOT NULL,
        explicit INTEGER NOT NULL DEFAULT 0,
        duration_s REAL NOT NULL,
        tag_lufs REAL,
        tag_peak_dbfs REAL,
        analysis_version INTEGER NOT NULL DEFAULT 0,
        valence REAL,                         -- from here on NULL until analysed
        energy REAL,
        confidence REAL,
        quadrant TEXT,
        moods TEXT,                           -- JSON: feeling -> probability
        loudness_lufs REAL,
        true_peak_dbtp REAL,
        tempo_bpm REAL,
        key TEXT,
        music_start_s REAL,
        music_end_s REAL,
        fade_out_s REAL,
        embedding BLOB                        -- EMBEDDING_SIZE signed bytes
    );
    INSERT INTO tracks (path, size, mtime_ns, missing_since, unreadable, title, artist, album, genre,
            duration_s, tag_lufs, tag_peak_dbfs, analysis_version, valence, energy, quadrant, moods,
            loudness_lufs, true_peak_dbtp, tempo_bpm)
        SELECT path, size, mtime_ns, CASE present WHEN 0 THEN unixepoch() END, unreadable, title, artist,
            album, genre, duration_s, tag_lufs, tag_peak_dbfs, valence IS NOT NULL, valence, energy,
            quadrant, moods, loudness_lufs, peak_dbfs, tempo_bpm
        FROM tracks_1 ORDER BY path;
    DROP TABLE tracks_1;
    CREATE INDEX tracks_by_content ON tracks (content);
    ALTER TABLE plays ADD COLUMN track_id INTEGER;
    UPDATE plays SET track_id = (SELECT id FROM tracks WHERE tracks.path = plays.path);
    CREATE TABLE feedback (                   -- what listeners and owners made of a track
        id INTEGER PRIMARY KEY,
        track_id INTEGER NOT NULL,
        at REAL NOT NULL,                     -- seconds since 1970, UTC
        kind TEXT NOT NULL,                   -- finished, skipped, liked, wrong mood
        daypart TEXT NOT NULL,
        target_valence REAL,                  -- what the venue wanted then; NULL if nothing is known of it
        target_energy REAL
    );
    CREATE INDEX feedback_by_track ON feedback (track_id);
    CREATE TABLE mood_tags (                  -- what others call the mood of a track
        track_id INTEGER NOT NULL,
        source TEXT NOT NULL,                 -- lastfm, table
        tag TEXT NOT NULL,
        weight REAL NOT NULL,                 -- 0 to 1
        PRIMARY KEY (track_id, source, tag)
    ) WITHOUT ROWID;
    """,
    # The mood that the owner gives to a playlist goes before what the analysis hears; both are kept.
    """
    ALTER TABLE tracks ADD COLUMN given_valence REAL;
    ALTER TABLE tracks ADD COLUMN given_energy REAL;
    ALTER TABLE tracks ADD COLUMN given_moods TEXT;
    """,
    # What playback wants to know. The next scan reads the numbers of all files, the analysis the rest.
    """
    ALTER TABLE tracks ADD COLUMN track_no INTEGER;   -- NULL: not looked for yet; 0: has none
    ALTER TABLE tracks ADD COLUMN disc_no INTEGER;
    ALTER TABLE tracks ADD COLUMN silences TEXT;      -- JSON: pairs of seconds; NULL until analysed
    ALTER TABLE tracks ADD COLUMN rests TEXT;         -- JSON: seconds
    """,
    # A tag edit may leave size and mtime as they were: the change time tells. All names and genres of a file
    # count for rules.
    """
    ALTER TABLE tracks ADD COLUMN ctime_ns INTEGER NOT NULL DEFAULT 0;   -- 0: not looked at yet
    ALTER TABLE tracks ADD COLUMN artists TEXT;       -- JSON: all of them; NULL: not read yet
    ALTER TABLE tracks ADD COLUMN genres TEXT;        -- JSON: all of them; NULL: not read yet
    ALTER TABLE tracks ADD COLUMN musicbrainz_id TEXT;   -- of the recording; NULL: not read yet; '': has none
    ALTER TABLE tracks ADD COLUMN isrc TEXT;          -- likewise
    -- Files were refused that can be decoded: the next scan opens each of them once more.
    UPDATE tracks SET mtime_ns = 0 WHERE unreadable LIKE '% cannot be decoded (%'
        OR unreadable LIKE '% is no readable music file (%' OR unreadable LIKE '% is no music file, %'
        OR unreadable LIKE 'libVLC finds no sound %';
    """,
    # What licensing asks for, kept with each play as it was then; a correction of a mood by hand, which scans
    # and playlists leave alone; and names as they are looked for.
    """
    ALTER TABLE tracks ADD COLUMN composer TEXT;      -- NULL: not read yet
    ALTER TABLE tracks ADD COLUMN label TEXT;         -- likewise
    ALTER TABLE tracks ADD COLUMN own_valence REAL;   -- the owner's own word; goes before given and heard
    ALTER TABLE tracks ADD COLUMN own_energy REAL;
    ALTER TABLE tracks ADD COLUMN own_moods TEXT;     -- JSON
    ALTER TABLE tracks ADD COLUMN names TEXT;         -- see search_text.py; NULL: not made yet
    CREATE INDEX tracks_by_names ON tracks (names, missing_since, unreadable);
    ALTER TABLE plays ADD COLUMN album TEXT NOT NULL DEFAULT '';
    ALTER TABLE plays ADD COLUMN isrc TEXT NOT NULL DEFAULT '';
    ALTER TABLE plays ADD COLUMN composer TEXT NOT NULL DEFAULT '';
    ALTER TABLE plays ADD COLUMN label TEXT NOT NULL DEFAULT '';
    ALTER TABLE plays ADD COLUMN duration_s REAL;     -- NULL: unknown
    ALTER TABLE plays ADD COLUMN heard_s REAL;        -- NULL: unknown
    ALTER TABLE plays ADD COLUMN utc_offset_s INTEGER;   -- of the house's clock then; NULL: not kept
    ALTER TABLE plays ADD COLUMN venue TEXT NOT NULL DEFAULT '';
    ALTER TABLE plays ADD COLUMN names TEXT;          -- as of tracks
    DROP INDEX plays_by_time;
    CREATE INDEX plays_by_time ON plays (started_at, id, names);
    -- As far as it is still known of earlier plays.
    UPDATE plays SET album = tracks.album, isrc = coalesce(tracks.isrc, ''),
        duration_s = nullif(tracks.duration_s, 0)
        FROM tracks WHERE tracks.id = plays.track_id;
    CREATE INDEX plays_by_track ON plays (track_id);
    """,
    # How each day went, as far as it was known; a judgement belongs to a play; a correction of a mood can be
    # undone; and whether the tracks are as before is seen without reading them.
    """
    CREATE TABLE day_minutes (                -- how the venue was, while something was known of it
        minute INTEGER PRIMARY KEY,           -- minutes since 1970, UTC
        valence REAL,                         -- of the room; NULL here and below: not known
        energy REAL,
        target_valence REAL,
        target_energy REAL,
        people INTEGER,
        volume INTEGER                        -- percent
    );
    CREATE TABLE day_marks (                  -- what happened
        id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        began_at REAL NOT NULL,               -- seconds since 1970, UTC
        ended_at REAL,                        -- NULL: it lasts, or was a moment
        text TEXT NOT NULL
    );
    CREATE INDEX day_marks_by_time ON day_marks (began_at);
    ALTER TABLE feedback ADD COLUMN play_id INTEGER;   -- which play was judged; NULL: not kept
    CREATE INDEX feedback_by_play ON feedback (play_id);
    CREATE TABLE mood_undo (                  -- the owner's word on a mood before each change of it
        id INTEGER PRIMARY KEY,
        track_id INTEGER NOT NULL,
        valence REAL,                         -- NULL: nothing was said before
        energy REAL,
        moods TEXT
    );
    CREATE INDEX mood_undo_by_track ON mood_undo (track_id);
    -- All that the map of moods needs; as the id comes first, nothing else is looked for in it.
    CREATE INDEX tracks_on_map ON tracks (id, valence, energy, given_valence, given_energy, own_valence,
        own_energy, missing_since, unreadable);
    CREATE TABLE track_changes (count INTEGER NOT NULL);
    INSERT INTO track_changes VALUES (abs(random() % 1000000000000));
    CREATE TRIGGER track_added AFTER INSERT ON tracks
        BEGIN UPDATE track_changes SET count = count + 1; END;
    CREATE TRIGGER track_removed AFTER DELETE ON tracks
        BEGIN UPDATE track_changes SET count = count + 1; END;
    CREATE TRIGGER track_moved AFTER UPDATE OF valence, energy, given_valence, given_energy, own_valence,
        own_energy, missing_since, unreadable, names ON tracks
        BEGIN UPDATE track_changes SET count = count + 1; END;
    """,
    # Earlier versions did not see the tags of WAVs beside ID3, nor all names where ffmpeg alone reads a file:
    # the rules looked for these in vain. And the number of a forgotten track may be another's by now.
    """
    UPDATE tracks SET track_no = NULL, artists = nullif(artists, '[""]'), genres = nullif(genres, '[""]')
        WHERE url = '' AND (path LIKE '%.wav' OR (artist != '' AND artists = '[""]')
        OR (genre != '' AND genres = '[""]') OR (artists = '[""]' AND genres = '[""]'));
    -- Refused for tags in an old encoding: the next scan opens each of them once more.
    UPDATE tracks SET mtime_ns = 0 WHERE unreadable LIKE '% cannot be decoded (''utf-8'' codec %'
        OR unreadable LIKE '% holds nothing that can be decoded: %';
    UPDATE plays SET track_id = NULL WHERE track_id NOT IN (SELECT id FROM tracks);
    """,
    # Earlier versions missed names behind joining words, brackets and tabs, and some texts in old encodings.
    "UPDATE tracks SET track_no = NULL WHERE url = ''",
    # Likewise: more joining words and brackets, more old encodings, and the mark of an explicit title.
    "UPDATE tracks SET track_no = NULL WHERE url = ''",
)
"""Entry i brings a database from version i to i + 1; PRAGMA user_version says where it stands."""


def connect(db_path: Path, wait_s: float = 10.0, *, whole: bool = True) -> WritingConnection:
    """Open or create the database, in WAL mode and at the newest version.

    A damaged file is renamed to `<name>.corrupt-<n>`, and a new one with what can be read of it takes its
    place, unless others have it open to write. Without `whole`, only a small file is read from end to end
    (`check.is_small`). Other processes that hold it are waited for at most `wait_s`, and afterwards, with the
    connection that is returned, not at all. Raises LibraryError if the file cannot be opened or mended now,
    or a newer version of this program made it.
    """
    try:
        make_folder(db_path.parent)
        lock = FolderLock(db_path.parent)
        try:
            connection = _open_or_mend(db_path, wait_s, whole, lock)
        except BaseException:
            lock.release()
            raise
        connection.lock = lock
        return connection
    except (sqlite3.Error, OSError) as error:
        raise LibraryError(f"The library {db_path} cannot be opened ({error}): check the folder.") from error


def _open_or_mend(db_path: Path, wait_s: float, whole: bool, lock: FolderLock) -> WritingConnection:
    try:
        return _open(db_path, wait_s, whole)
    except sqlite3.OperationalError:  # locked, no permission, disk full: no damage
        raise
    except sqlite3.DatabaseError as error:
        found, damage = db_path.stat().st_ino, error
    if not lock.alone():
        raise LibraryError(
            f"The library {db_path} is damaged ({damage}) and another program has it open: it is mended once"
            " none has; restart the player if it runs."
        )
    if db_path.stat().st_ino == found:  # else another program has mended it in this moment
        made, rescued = _rebuild(db_path)
        aside = _set_aside(db_path)
        made.rename(db_path)
        log.warning(
            "The library %s is damaged (%s); it now is %s, and a new one is built from it and the music.",
            db_path, damage, aside.name,
        )  # fmt: skip
        said = ", ".join(f"{table.replace('_', ' ')}: {n}" for table, n in rescued.items())
        log.warning("of the damaged library could be read: %s", said or "nothing")
    lock.share()
    return _open(db_path, wait_s, whole)


def _rebuild(damaged: Path) -> tuple[Path, dict[str, int]]:
    """Make a library of the damaged one's version beside it, with what can be read of it; how much, by table.

    Opening it brings it up to date: what a migration does to rows is done to these, too. Whoever is killed
    meanwhile, or has no room for it (sqlite3.Error), leaves the damaged one in its place, for the next time.
    """
    path = damaged.with_name(f"{damaged.name}.rescued")
    path.unlink(missing_ok=True)
    make_private(path)
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as made:
            migrate(made, MIGRATIONS[: recovery.version(damaged) or len(MIGRATIONS)])
            return path, recovery.recover(damaged, made)
    except sqlite3.Error:
        path.unlink()  # a disk that is full gets its room back
        raise


def connect_to_read(db_path: Path, wait_s: float = 10.0) -> sqlite3.Connection:
    """Open the database as it is: nothing is created, brought up to date, checked or mended.

    Beside whoever writes, and without keeping them waiting. Raises LibraryError, also if there is none.
    """
    try:
        if not db_path.is_file():
            raise NoLibraryError(
                f"There is no library at {db_path} yet: `ambient-player library scan` makes it, or the"
                " player."
            )
        connection = sqlite3.connect(
            f"{db_path.absolute().as_uri()}?mode=ro",
            uri=True,
            timeout=wait_s,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            connection.row_factory = sqlite3.Row
            _of_this_version(connection, db_path)
            connection.execute("PRAGMA busy_timeout = 0")
            for name, function in FUNCTIONS.items():
                connection.create_function(name, -1, function, deterministic=True)
        except BaseException:
            connection.close()
            raise
    except sqlite3.Error as error:
        raise LibraryError(f"The library {db_path} cannot be read ({error}): check the file.") from error
    except OSError as error:
        said = f"The library {db_path} cannot be read ({error.strerror}): check its folder."
        raise LibraryError(said) from error
    return connection


def migrate(connection: sqlite3.Connection, migrations: tuple[str, ...] = MIGRATIONS) -> None:
    """Bring an open database, without a transaction, to the newest version, one version at a time.

    Raises sqlite3.Error, and leaves it at the last version that was reached.
    """
    version = _version(connection)
    for number, script in enumerate(migrations[version:], start=version + 1):
        connection.executescript(f"BEGIN IMMEDIATE; {script}; PRAGMA user_version = {number}; COMMIT;")


def _version(connection: sqlite3.Connection) -> int:
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return found


def _of_this_version(connection: sqlite3.Connection, db_path: Path) -> None:
    version = _version(connection)
    if version < len(MIGRATIONS):
        raise OldLibraryError(
            f"The library {db_path} is of an earlier version: start the player once, or `library scan`."
        )
    if version > len(MIGRATIONS):
        raise LibraryError(
            f"{db_path} has version {version} and this program knows {len(MIGRATIONS)}: update the program."
        )


def _open(db_path: Path, wait_s: float, whole: bool) -> WritingConnection:
    for path in (db_path, *_companions(db_path)):
        if path == db_path or path.exists():
            make_private(path)  # SQLite gives later companions the rights of the file itself
    connection = sqlite3.connect(
        db_path,
        timeout=wait_s,
        isolation_level=None,
        check_same_thread=False,
        factory=WritingConnection,
    )
    try:
        connection.row_factory = sqlite3.Row
        if whole or is_small(db_path) or _version(connection) < len(MIGRATIONS):
            check(connection)
        connection.execute("PRAGMA journal_mode = WAL")
        # After a power cut the last plays may be missing, but the file is whole.
        connection.execute("PRAGMA synchronous = NORMAL")
        _migrate(connection, db_path)
        connection.execute("PRAGMA busy_timeout = 0")
        for name, function in FUNCTIONS.items():
            connection.create_function(name, -1, function, deterministic=True)
    except BaseException:
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection, db_path: Path) -> None:
    version = _version(connection)
    if version > len(MIGRATIONS):
        raise LibraryError(
            f"{db_path} has version {version} and this program knows {len(MIGRATIONS)}: update the program."
        )
    if 0 < version < len(MIGRATIONS):
        _back_up(connection, db_path, version)
    migrate(connection, MIGRATIONS)


def _back_up(connection: sqlite3.Connection, db_path: Path, version: int) -> None:
    """Keep the database as it was before a migration, beside it; an older such copy is overwritten."""
    copy_path = db_path.with_name(f"{db_path.name}.version-{version}")
    copy_path.unlink(missing_ok=True)  # what is no database there would pass for damage of the original
    make_private(copy_path)
    with closing(sqlite3.connect(copy_path)) as copy:
        connection.backup(copy)
    log.info(
        "the library %s is brought up to date; as it was before, it is kept in %s", db_path, copy_path.name
    )


def _set_aside(db_path: Path) -> Path:
    """Rename a damaged file, with its write-ahead log, which would damage the new one; the new name."""
    aside = next(
        path for n in count(1) if not (path := db_path.with_name(f"{db_path.name}.corrupt-{n}")).exists()
    )
    db_path.rename(aside)
    for of_old, of_aside in zip(_companions(db_path), _companions(aside), strict=True):
        if of_old.exists():
            of_old.rename(of_aside)
    return aside


def _companions(db_path: Path) -> list[Path]:
    """The write-ahead log and its index, which SQLite keeps beside the file."""
    return [db_path.with_name(db_path.name + suffix) for suffix in ("-wal", "-shm")]
