"""What the command line does without a running player: read photos, texts and music once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from time import perf_counter

from player import reports, state
from player.errors import CameraError, PlayerError
from player.library.store import Library
from player.music import Music
from player.settings import Config
from player.types import Frame, Json

MOOD_BATCH = 32


def captions(config: Config, images: Sequence[Path]) -> Iterator[Json]:
    """One record per photo, in order; an unreadable one gives its error instead."""
    from player.camera.photos import read_photo  # noqa: PLC0415
    from player.mood.encoder import OnnxMoodReader  # noqa: PLC0415
    from player.vision.choice import open_reader  # noqa: PLC0415

    (reader, _note), mood_reader = open_reader(config.vision), OnnxMoodReader(config.mood)
    for seq, path in enumerate(images):
        started = perf_counter()
        try:
            image = read_photo(path, config.camera)
            scene = reader.read(Frame(image, started, seq, str(path), live=False))
            mood = mood_reader.read([scene.caption])[0]
        except (CameraError, OSError) as error:
            yield reports.unreadable("path", path, error)
            continue
        yield reports.caption(path, scene, mood, (perf_counter() - started) * 1000)


def moods(config: Config, texts: Iterable[str]) -> Iterator[Json]:
    """One record per text, in order."""
    from player.mood.encoder import OnnxMoodReader  # noqa: PLC0415

    reader = OnnxMoodReader(config.mood)
    rest = iter(texts)
    while batch := list(islice(rest, MOOD_BATCH)):
        for text, mood in zip(batch, reader.read(batch), strict=True):
            yield reports.mood(text, mood)


def analyses(config: Config, files: Sequence[Path], store: bool) -> Iterator[Json]:
    """One record per music file, in order, also written to the library where `store`."""
    from player.library.analysis import Analyzer  # noqa: PLC0415
    from player.mood.vocabulary import feelings_at  # noqa: PLC0415

    analyzer = Analyzer(feelings_at, threads=2)
    library = Library(_database(config)) if store else None
    for path in files:
        try:
            found = analyzer.analyze(path)
        except PlayerError as error:
            if library is not None:
                library.mark_unreadable(path, str(error))
            yield reports.unreadable("path", path, error)
            continue
        if library is not None:
            library.save(path, found)
        yield reports.analysis(path, found)
    if library is not None:
        library.close()


def scan(config: Config, progress: Callable[[int, int], None]) -> Json:
    """Bring the database in step with the folders; what was found, with the files that were skipped."""
    library = Library(_database(config))
    try:
        report = library.scan(Music(config.library, library).folders(), progress)
        return {
            "added": report.added,
            "changed": report.changed,
            "removed": report.removed,
            "tracks": len(library.tracks()),
            "unreadable": [reports.unreadable("path", path, why) for path, why in report.unreadable],
        }
    finally:
        library.close()


def pending(config: Config) -> list[Path]:
    """Files that have not been listened to yet, after a scan."""
    scan(config, lambda _done, _total: None)
    library = Library(_database(config))
    try:
        return library.pending()
    finally:
        library.close()


def tracks(config: Config) -> Iterator[Json]:
    """The library's tracks, one record each, by artist and title."""
    library = Library(_database(config))
    try:
        for track in sorted(library.tracks(), key=lambda t: (t.artist, t.title)):
            yield {
                "path": str(track.path),
                "artist": track.artist,
                "title": track.title,
                "album": track.album,
                "duration_s": track.duration_s,
                "valence": track.mood and round(track.mood.valence, 4),
                "energy": track.mood and round(track.mood.energy, 4),
                "quadrant": track.quadrant,
                "loudness_lufs": track.loudness_lufs,
                "tempo_bpm": track.tempo_bpm,
            }
    finally:
        library.close()


def _database(config: Config) -> Path:
    return state.state_dir(config) / "library.db"
