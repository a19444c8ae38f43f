"""What the command line does without a running player: read photos, texts and music once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, nullcontext
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from player.cli import json_output
from player.cli.library_reading import open_to_read
from player.config.settings.config import Config
from player.errors import AudioFileError, CameraError, ClusterError, NotNowError, RowError
from player.library.configured_playlists import named_music
from player.library.database.store import Library
from player.library.models import Analysis, ScanReport, is_clear
from player.library.music_folders import choose_folders
from player.log import EventLog, LogEvent, event
from player.state import state_file
from player.types import Frame, Json

log = EventLog(__name__, LogEvent.PLAYER)


def captions(config: Config, images: Sequence[Path]) -> Iterator[Json]:
    """One record per photo, in order; an unreadable one gives its error instead."""
    from player.camera.sources.photos import read_photo  # noqa: PLC0415
    from player.mood.factory import open_reader as open_mood_reader  # noqa: PLC0415
    from player.mood.fusion import blend  # noqa: PLC0415
    from player.vision.factory import open_reader  # noqa: PLC0415

    reader, _note = open_reader(config.vision)
    mood_reader = open_mood_reader(config.mood, lambda: state_file.state_dir(config))
    for seq, path in enumerate(images):
        started = perf_counter()
        try:
            image = read_photo(path, config.camera)
            scene = reader.read(Frame(image, started, seq, str(path), live=False))
            mood = blend(mood_reader.read([scene.caption])[0], scene.image_mood, config.mood.impression)
        except (CameraError, OSError) as error:
            yield json_output.unreadable("path", path, error)
            continue
        yield json_output.caption(path, scene, mood, (perf_counter() - started) * 1000)


def moods(config: Config, texts: Iterable[str]) -> Iterator[Json]:
    """One record per text, in order."""
    from player.mood.factory import open_reader  # noqa: PLC0415

    reader = open_reader(config.mood, lambda: state_file.state_dir(config))
    for text in texts:
        yield json_output.mood(text, reader.read([text])[0])


def analyses(config: Config, files: Sequence[Path], store: bool, workers: int) -> Iterator[Json]:
    """One record per music file, in order, also written to the library if `store`, as soon as it is there.

    `workers` processes listen; a file that crashes or hangs one of them gives its error like any other.
    """
    from player.library.analysis.analysis_pool import AnalysisPool  # noqa: PLC0415

    with (
        _open_library(config) if store else nullcontext() as library,
        AnalysisPool(max(1, min(workers, len(files)))) as pool,
    ):
        yield from pool.map(files, lambda path, found: _kept(library, path, found))


def analyses_on_cluster(config: Config, files: Sequence[Path], address: str, store: bool) -> Iterator[Json]:
    """One record per music file, as the Dask cluster at `address` finishes it; kept as by `analyses`.

    Raises ClusterError if there is no such cluster, or it cannot do it.
    """
    try:
        from player.library.analysis import cluster  # noqa: PLC0415
    except ImportError as error:
        raise ClusterError(
            "Dask is not installed here: install the player again with its extra cluster (docs/install.md),"
            " or leave out --dask."
        ) from error

    absolute = [path.absolute() for path in files]
    with _open_library(config) if store else nullcontext() as library:
        for path, found in cluster.analyses(address, absolute):
            yield _kept(library, path, found)


def _kept(library: Library | None, path: Path, found: Analysis | AudioFileError) -> Json:
    """The record of one file, which the library knows afterwards, if there is one."""
    from player.emotions import feelings_at  # noqa: PLC0415

    if isinstance(found, NotNowError) and library is None:
        found = found.for_once()
    if isinstance(found, AudioFileError):
        if library is not None and not isinstance(found, NotNowError) and path.exists():
            library.mark_unreadable(path, str(found))
        return json_output.unreadable("path", path, found)
    found = replace(found, moods=feelings_at(found.point))
    if library is not None:
        try:
            library.save(path, found)
        except RowError as error:
            return json_output.unreadable("path", path, error)
    return json_output.analysis(path, found)


def scan(config: Config, progress: Callable[[int, int], None]) -> Json:
    """Bring the database in step with the folders; what was found, with the files that were skipped."""
    with _open_library(config) as library:
        report, missing = _scanned(config, library, progress)
        for path in report.left_out:
            log.debug("%s is left out: by its name it is not music", path, extra=event(LogEvent.LIBRARY))
        return {
            "added": report.added,
            "changed": report.changed,
            "removed": report.removed,
            "tracks": len(library.tracks()),
            "left_out": len(report.left_out),
            "unreadable": [json_output.unreadable("path", path, why) for path, why in report.unreadable],
            "playlists": missing,
        }


def pending(config: Config) -> list[Path]:
    """Files that have not been listened to yet, after a scan."""
    with _open_library(config) as library:
        _scanned(config, library)
        return library.pending()


def tracks(config: Config) -> Iterator[Json]:
    """The library's tracks, one record each, by artist and title."""
    with closing(open_to_read(config)) as library:
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
                "confidence": track.confidence,
                "clear": is_clear(track.confidence),
                "loudness_lufs": track.loudness_lufs,
                "tempo_bpm": track.tempo_bpm,
            }


def _scanned(
    config: Config, library: Library, progress: Callable[[int, int], None] | None = None
) -> tuple[ScanReport, list[str]]:
    """The report, and for each playlist that names what is not there, a sentence."""
    folders, problem = choose_folders(config.library.folders)
    if problem is not None:
        log.warning("%s", problem, extra=event(LogEvent.LIBRARY))
    named = named_music(config.library.playlists, config.library.folders)
    report = library.scan(folders, progress, named.files)
    given = report.under_own_names(named.files)
    for name, why in (*library.set_stations(named.stations), *library.give_moods(given)):
        log.warning("the library could not take in %s (%s)", name, why, extra=event(LogEvent.LIBRARY))
    return report, named.missing


def _open_library(config: Config) -> closing[Library]:
    return closing(Library(state_file.database_path(config)))
