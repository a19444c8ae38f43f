"""Measures many transitions at a recorded sink, and how loud real tracks are there: docs/transitions.md.

    python -m scripts.system.transitions [--transitions 30] [--music FOLDER] [--tracks 12] [--json]

Needs PulseAudio's programs. Takes about ten minutes. The music is the demo's unless another folder is named;
of each track 15 s are cut out and are a track of their own, so that whole tracks can be heard.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from itertools import pairwise
from pathlib import Path

import av
import numpy as np

from player.config.settings.playback import PlaybackSettings
from player.library import analyze
from player.library.demo_music import demo_folder
from player.library.scan.music_files import SUFFIXES
from player.playback.transitions import Style
from player.types import Json, Track, Transition
from tests.support.pulse import RATE, PrivatePulse, Samples, level_db, private_pulse
from tests.support.transitions import (
    FIRST_FADE_S,
    HIGH,
    LOW,
    NOISE_DB,
    click_db,
    crossfades,
    gap_ms,
    noise,
    place_in_sweep,
    silence,
    sweep,
    take,
    tone,
    written,
)

FULL = PlaybackSettings(volume=100, start_volume=100, output="pulse", first_fade_s=FIRST_FADE_S)
FADE_S = 3.0
EXCERPT_S = 15.0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--transitions", type=int, default=30)
    parser.add_argument("--music", type=Path, default=demo_folder())
    parser.add_argument("--tracks", type=int, default=12)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with private_pulse() as pulse, tempfile.TemporaryDirectory() as folder:
        os.environ.update(pulse.env)
        studio = Path(folder)
        found = {
            "crossfade": of_noise(pulse, studio, options.transitions),
            "clicks": of_tones(pulse, studio, max(2, options.transitions // 3)),
            "album": of_an_album(pulse, studio, max(2, options.transitions // 3)),
            "cut": of_cuts(pulse, studio, max(2, options.transitions // 3)),
        }
        if options.music is not None:
            found["music"] = of_music(pulse, studio, options.music, options.tracks)
    print(json.dumps(found) if options.json else "\n".join(table(found)))


def of_noise(pulse: PrivatePulse, folder: Path, count: int) -> Json:
    """Equal-power crossfades of two bands that know nothing of each other."""
    tracks = [written(folder / f"noise {n}.wav", noise(9, band, n)) for n, band in enumerate((LOW, HIGH))]
    taken = take(pulse, tracks, FULL, Style(Transition.CROSSFADE, FADE_S), count, FADE_S + 1.5)
    measured = crossfades(taken, FADE_S)
    return {
        "transitions": len(measured),
        "start late, ms (worst)": round(max((m.late_ms for m in measured), key=abs)),
        "power, dB (lowest, highest)": [
            round(min(m.ripple_db[0] for m in measured), 2),
            round(max(m.ripple_db[1] for m in measured), 2),
        ],
        "before its start, dB (loudest)": round(max(m.burst_db for m in measured)),
        "gap, ms (longest)": max(m.gap_ms for m in measured),
    }


def of_tones(pulse: PrivatePulse, folder: Path, count: int) -> Json:
    """What sounds above 3 kHz while tones of 440 and 660 Hz are crossfaded."""
    found: Json = {"transitions": 3 * count}
    tracks = [written(folder / f"tone {hz}.wav", tone(6.5, hz)) for hz in (440.0, 660.0)]
    for volume in (100, 70, 40):
        settings = FULL.model_copy(update={"volume": volume})
        taken = take(pulse, tracks, settings, Style(Transition.CROSSFADE, FADE_S / 2), count, FADE_S)
        parts = [taken.between(at - 0.5, at + FADE_S / 2 + 0.5) for at, _ in taken.begun[1:]]
        worst = max(click_db(part, 3000) - level_db(part) for part in parts)
        found[f"loudest click at volume {volume}, dB against the tone"] = round(worst, 1)
    return found


def of_an_album(pulse: PrivatePulse, folder: Path, count: int) -> Json:
    """One sweep in two files, whose frequency says where one is."""
    whole = sweep(10)
    half = whole.size // 2
    tracks = [
        written(folder / f"album {n}.wav", part, track_no=n, album="live", artist="x")
        for n, part in enumerate((whole[:half], whole[half:]), 1)
    ]
    gaps, jumps = [], []
    for _ in range(count):
        taken = take(pulse, tracks, FULL, Style(Transition.CROSSFADE, 6), 1, 1.5)
        at = taken.begun[1][0]
        gaps.append(gap_ms(taken.between(at - 1, at + 1), NOISE_DB - 25))
        before, after = (place_in_sweep(taken.between(at + t - 0.02, at + t + 0.02)) - t for t in (-0.2, 0.3))
        jumps.append(1000 * (after - before))
    return {
        "transitions": count,
        "gap, ms (longest)": max(gaps),
        "heard at once, ms (least, most)": [round(min(jumps)), round(max(jumps))],
    }


def of_cuts(pulse: PrivatePulse, folder: Path, count: int) -> Json:
    """Tracks with a second of silence before and two after their sound."""
    sounds = [np.concatenate([silence(1), noise(4, band, 3), silence(2)]) for band in (LOW, HIGH)]
    known = {"music_start_s": 1.0, "music_end_s": 5.0, "fade_out_s": 5.0}
    tracks = [written(folder / f"cut {n}.wav", sound, **known) for n, sound in enumerate(sounds)]
    taken = take(pulse, tracks, FULL, Style(Transition.CUT, 6), count, 1.5)
    gaps = [gap_ms(taken.between(at - 1, at + 1), NOISE_DB - 45) for at, _ in taken.begun[1:]]
    return {"transitions": len(gaps), "gap, ms (longest)": max(gaps)}


def of_music(pulse: PrivatePulse, folder: Path, music: Path, count: int) -> Json:
    """Real tracks, one after the other without overlap: how loud each is as a whole, at the sink."""
    files = sorted(path for path in music.rglob("*") if path.suffix in SUFFIXES)
    chosen = files[:: max(1, len(files) // count)][:count]
    tracks = [excerpt(path, folder / f"{n:02} {path.stem}.wav") for n, path in enumerate(chosen)]
    settings = PlaybackSettings(output="pulse", start_volume=100, first_fade_s=0.05)
    taken = take(pulse, tracks, settings, Style(Transition.CUT, 6), len(tracks), 0.0)
    heard = [
        analyze(taken.between(begin, end), RATE).loudness_lufs
        for (begin, _), (end, _) in pairwise(taken.begun)
    ]
    steps = [abs(after - before) for before, after in pairwise(heard)]
    loudness = [track.loudness_lufs or 0.0 for track in tracks]
    return {
        "tracks": len(tracks),
        "files, LUFS (quietest, loudest)": [round(min(loudness), 1), round(max(loudness), 1)],
        "at the sink, as one channel, LUFS (quietest, loudest)": [round(min(heard), 2), round(max(heard), 2)],
        "step between two tracks, LU (largest)": round(max(steps), 2),
        "short of the target for the sake of their peaks": sum(
            (track.peak_dbfs or 0) + settings.target_lufs - (track.loudness_lufs or 0) > -1 + 9.29
            for track in tracks
        ),
    }


def excerpt(path: Path, target: Path) -> Track:
    """EXCERPT_S from the middle of a file as a track of its own, analysed as the library does it."""
    samples = decoded(path)
    start = max(0, (samples.size - round(EXCERPT_S * RATE)) // 2)
    track = written(target, samples[start : start + round(EXCERPT_S * RATE)])
    analysis = analyze(target)
    known = {
        "loudness_lufs": analysis.loudness_lufs,
        "peak_dbfs": analysis.true_peak_dbtp,
        "music_start_s": analysis.music_start_s,
        "music_end_s": analysis.music_end_s,
    }
    return Track(track.path, track.title, duration_s=track.duration_s, **known)


def decoded(path: Path) -> Samples:
    """A file's samples, mixed to one channel at RATE."""
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    with av.open(str(path)) as container:
        frames = [f for frame in container.decode(audio=0) for f in resampler.resample(frame)]
    return np.concatenate([frame.to_ndarray()[0] for frame in frames])


def table(found: Json) -> list[str]:
    """A line for each figure."""
    return [
        f"{kind:<10} {name:<55} {value}" for kind, figures in found.items() for name, value in figures.items()
    ]


if __name__ == "__main__":
    main()
