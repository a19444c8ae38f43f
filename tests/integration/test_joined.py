"""Files of several pieces are heard, and analysed, to their end."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from player.library.analysis.decoding import decode
from player.library.scan.tags import read_track
from player.playback.rendering import Rendering
from player.playback.vlc_deck import VlcDeck
from tests.support.pulse import PrivatePulse, Samples, levels_db, longest_silence_s, pulse_here, recording
from tests.support.quiet import judged_in_quiet
from tests.support.waiting import wait_for

PIECE_S = 3
LOW, HIGH = 500.0, 900.0
HESITATES_AT_BYTES = 1.5 * 48000 * 8


def piece(path: Path, hz: float, rate: int, layout: str) -> bytes:
    """A tone in the codec that the ending names."""
    codec = {".opus": "libopus", ".oga": "flac", ".mp3": "libmp3lame"}[path.suffix]
    tone = (0.1 * np.sin(2 * np.pi * hz * np.arange(PIECE_S * rate) / rate)).astype(np.float32)
    with av.open(str(path), "w", format="mp3" if path.suffix == ".mp3" else "ogg") as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        channels = np.stack([tone] * av.AudioLayout(layout).nb_channels)
        frame = av.AudioFrame.from_ndarray(channels, "fltp", layout)
        frame.sample_rate = rate
        resampler = av.AudioResampler(stream.format.name, layout, rate, stream.frame_size or 4096)
        for part in [*resampler.resample(frame), *resampler.resample(None), None]:
            container.mux([packet for packet in stream.encode(part) if packet.size])
    return path.read_bytes()


@pytest.fixture(scope="module")
def pulse() -> Iterator[PrivatePulse]:
    with pulse_here() as own:
        yield own


@pytest.fixture(scope="module")
def deck(pulse: PrivatePulse) -> Iterator[VlcDeck]:
    one = VlcDeck("pulse")
    yield one
    one.release()


def chain(path: Path, rate: int, layout: str) -> Path:
    """A stereo tone at 48 kHz, and another of this kind."""
    first = piece(path.with_stem("first"), LOW, 48000, "stereo")
    path.write_bytes(first + piece(path.with_stem("second"), HIGH, rate, layout))
    return path


@pytest.mark.parametrize(
    ("name", "rate", "layout"),
    [
        ("a.opus", 48000, "stereo"),
        ("a.opus", 48000, "mono"),
        ("a.oga", 44100, "mono"),
        ("a.mp3", 44100, "stereo"),
        ("a.mp3", 24000, "mono"),
    ],
)
def test_the_length_is_that_of_all_pieces(tmp_path: Path, name: str, rate: int, layout: str) -> None:
    path = chain(tmp_path / name, rate, layout)
    found = decode(path)
    assert found.duration_s == pytest.approx(2 * PIECE_S, abs=0.2)
    assert found.boundaries.music_end_s == pytest.approx(2 * PIECE_S, abs=0.2)
    assert found.silences.silences == ()
    assert read_track(path).duration_s == pytest.approx(2 * PIECE_S, abs=0.2)


@pytest.mark.parametrize("name", ["a.opus", "a.mp3"])
def test_what_is_closed_has_no_file_open(tmp_path: Path, name: str) -> None:
    path = chain(tmp_path / name, 48000, "mono")

    def opened() -> int:
        links = [Path("/proc/self/fd", number) for number in os.listdir("/proc/self/fd")]
        return sum(link.is_symlink() and os.readlink(link) == str(path) for link in links)

    rendering = Rendering(path, 0.0)
    assert rendering.read(65536)
    assert opened() > 0
    rendering.close()
    assert opened() == 0


@pytest.mark.parametrize(
    ("name", "rate", "layout", "start_s"),
    [
        ("a.opus", 48000, "mono", 0.0),
        ("a.oga", 44100, "stereo", PIECE_S + 0.2),
        ("a.mp3", 44100, "stereo", 0.0),
    ],
)
def test_all_pieces_are_heard(
    pulse: PrivatePulse, deck: VlcDeck, tmp_path: Path, name: str, rate: int, layout: str, start_s: float
) -> None:
    all_of_it_is_heard(pulse, deck, chain(tmp_path / name, rate, layout), start_s)


def test_nothing_is_left_out_where_it_cannot_be_decoded_in_time(
    pulse: PrivatePulse, deck: VlcDeck, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two seconds of a busy processor or disk are a pause at worst: the music goes on where it was."""
    read = Rendering.read
    given_bytes = 0

    def hesitating(rendering: Rendering, most: int) -> bytes:
        nonlocal given_bytes
        chunk = read(rendering, most)
        if given_bytes < HESITATES_AT_BYTES <= given_bytes + len(chunk):
            time.sleep(2)
        given_bytes += len(chunk)
        return chunk

    monkeypatch.setattr(Rendering, "read", hesitating)
    all_of_it_is_heard(pulse, deck, chain(tmp_path / "a.opus", 48000, "mono"), 0.0, gap_s=2)


def all_of_it_is_heard(
    pulse: PrivatePulse, deck: VlcDeck, path: Path, start_s: float, gap_s: float = 0.1
) -> None:
    """From a place to the end, with no gap that is longer."""
    low_s = max(0.0, PIECE_S - start_s)

    def heard() -> Samples:
        with recording(pulse) as recorded:
            play(deck, path, start_s)
            wait_for(lambda: not recorded.sounds(), 5, "what is still on its way to the output")
            return recorded.samples

    def all_of_it(samples: Samples) -> None:
        tones = [float(np.sum(levels_db(samples, 0.05, hz - 40, hz + 40) > -45)) * 0.05 for hz in (LOW, HIGH)]
        assert tones == pytest.approx([low_s, 2 * PIECE_S - start_s - low_s], abs=0.3)
        sounding = np.flatnonzero(np.abs(samples) > 0.01)
        assert longest_silence_s(samples[sounding[0] : sounding[-1]]) < gap_s

    judged_in_quiet(heard, all_of_it)


def play(deck: VlcDeck, path: Path, start_s: float) -> None:
    """From a place to the end."""
    deck.load(str(path), start_s)
    wait_for(lambda: any(event.kind == "prepared" for event in deck.events()), 10, "the file to be opened")
    assert deck.duration_s == pytest.approx(2 * PIECE_S, abs=0.2)
    deck.set_gain(1.0)
    deck.resume()
    wait_for(lambda: any(event.kind == "ended" for event in deck.events()), 20, "its end")
