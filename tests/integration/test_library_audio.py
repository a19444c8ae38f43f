"""Real sound in every container: decoding, tags, loudness, tempo, and files that are broken."""

import contextlib
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest
from av.filter import Graph

from player.emotions import FEELINGS
from player.errors import AudioFileError, NotNowError
from player.library import analyze
from player.library.analysis.decoding import MAX_S, decode
from player.library.analysis.feature_extractor import Analysis, Analyzer
from player.library.analysis.mel_spectrogram import RATE_HZ
from player.library.scan.tags import read_track
from player.types import MoodPoint
from tests.support.library_audio import CODECS, clicks, encode, sine

LOSSLESS = (".wav", ".flac")


@pytest.fixture(scope="module")
def analyzer() -> Analyzer:
    return Analyzer(lambda point: {"calm": 1.0} if point.energy < 0 else {"energizing": 1.0})


@pytest.mark.parametrize("wrong", [0, 1, 2])
def test_what_is_no_number_reaches_nobody(
    tmp_path: Path, analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch, wrong: int
) -> None:
    """Where a computer's arithmetic fails, the file is whole: it is heard again, and not marked."""
    path = encode(tmp_path / "a.wav", sine(5, -18))
    head = analyzer._head

    class NoNumbers:
        def run(self, *asked: Any) -> list[npt.NDArray[np.float32]]:
            found = [np.array(each) for each in head.run(*asked)]
            found[wrong].flat[0] = np.nan
            return found

    assert analyzer.analyze(path).quadrant
    monkeypatch.setattr(analyzer, "_head", NoNumbers())
    with pytest.raises(NotNowError, match="no number"):
        analyzer.analyze(path)


@pytest.mark.parametrize("suffix", CODECS)
def test_every_container(tmp_path: Path, suffix: str) -> None:
    path = encode(
        tmp_path / f"가을 아침 #1: %d{suffix}", sine(5, -18), tags={"title": "가을 아침", "artist": "아이유"}
    )

    audio, track = decode(path), read_track(path)

    assert audio.duration_s == pytest.approx(5, abs=0.1)
    middle = audio.excerpts.middle()
    assert len(middle) == pytest.approx(5 * RATE_HZ, abs=0.1 * RATE_HZ)
    assert middle.dtype == np.float32
    # LAME turns a loud tone down by up to half a decibel.
    assert audio.loudness_lufs == pytest.approx(-18, abs=0.3 if suffix in LOSSLESS else 0.6)
    # A codec rings where the tone begins.
    assert audio.true_peak_dbtp == pytest.approx(-18, abs=0.2 if suffix in LOSSLESS else 1.2)
    if suffix != ".wav":  # ffmpeg writes RIFF INFO there, which players do not read
        assert (track.title, track.artist) == ("가을 아침", "아이유")


@pytest.mark.parametrize(
    ("left_dbfs", "right_dbfs", "lufs"),
    [(-18, -18, -18.0), (-23, -23, -23.0), (-33, -33, -33.0), (-18, -200, -21.01), (-1, -1, -1.0)],
)
def test_loudness_of_known_tones(tmp_path: Path, left_dbfs: float, right_dbfs: float, lufs: float) -> None:
    """EBU Tech 3341: a stereo tone near 1 kHz whose peaks reach x dBFS has x LUFS; in one channel 3 less."""
    path = encode(tmp_path / "tone.wav", sine(4, left_dbfs), sine(4, right_dbfs))

    assert decode(path).loudness_lufs == pytest.approx(lufs, abs=0.1)


def test_loudness_is_weighted_and_gated(tmp_path: Path) -> None:
    """BS.1770-4: a low tone counts less; what lies 10 LU below the rest does not count."""
    low = encode(tmp_path / "low.wav", sine(4, -18, hz=40))
    quiet_end = encode(tmp_path / "end.wav", np.concatenate([sine(6, -23), sine(18, -50)]))

    assert decode(low).loudness_lufs < -21
    assert decode(quiet_end).loudness_lufs == pytest.approx(-23, abs=0.3)


def test_silence_has_the_gate_s_loudness() -> None:
    found = analyze(np.zeros(3 * RATE_HZ, dtype=np.float32), RATE_HZ)

    assert (found.loudness_lufs, found.true_peak_dbtp, found.tempo_bpm) == (-70, -120, None)


def test_a_very_long_recording_is_judged_by_its_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("player.library.analysis.decoding.MAX_S", 3)
    path = encode(tmp_path / "long.flac", np.concatenate([sine(3, -18), sine(5, -3)]))

    audio = decode(path)

    assert MAX_S == 4 * 3600
    assert audio.duration_s == pytest.approx(8, abs=0.1)
    assert audio.boundaries.music_end_s == audio.duration_s
    assert len(audio.excerpts.middle()) <= 3.2 * RATE_HZ
    assert audio.loudness_lufs == pytest.approx(-18, abs=0.5)


@pytest.mark.parametrize("bpm", [60, 75, 90, 104, 120, 128, 140, 160, 180])
def test_tempo_of_clicks(tmp_path: Path, analyzer: Analyzer, bpm: float) -> None:
    """Within 2 % of the tempo, its double or its half."""
    found = analyzer.analyze(encode(tmp_path / "clicks.flac", clicks(15, bpm)))

    assert found.tempo_bpm is not None
    assert min(abs(found.tempo_bpm / bpm - octave) / octave for octave in (0.5, 1, 2)) < 0.02


def test_analysis_is_complete(tmp_path: Path, analyzer: Analyzer) -> None:
    found = analyzer.analyze(encode(tmp_path / "음악.opus", clicks(4, 120)))

    assert isinstance(found, Analysis)
    assert found.point == MoodPoint(found.valence, found.energy)
    assert -1 <= found.valence <= 1
    assert -1 <= found.energy <= 1
    assert found.quadrant in {"Q1", "Q2", "Q3", "Q4"}
    assert found.moods in ({"calm": 1.0}, {"energizing": 1.0})
    assert found.duration_s == pytest.approx(4, abs=0.1)
    assert found.elapsed_ms > 0


@pytest.mark.parametrize("suffix", CODECS)
def test_a_jingle_of_a_second_is_enough(tmp_path: Path, analyzer: Analyzer, suffix: str) -> None:
    assert analyzer.analyze(encode(tmp_path / f"a{suffix}", sine(1, -12))).duration_s == pytest.approx(
        1, abs=0.1
    )


@pytest.mark.parametrize("suffix", CODECS)
@pytest.mark.parametrize(
    "damage", ["empty", "text", "noise", "first kilobyte", "half", "torn", "wrong ending"]
)
def test_broken_files_give_one_error_or_what_is_left(
    tmp_path: Path, analyzer: Analyzer, suffix: str, damage: str
) -> None:
    path = encode(tmp_path / f"whole{suffix}", sine(4, -18))
    whole = path.read_bytes()
    noise = np.random.default_rng(1).bytes(len(whole))
    third = len(whole) // 3
    content = {
        "empty": b"",
        "text": "가사: 노래는 없다\n".encode() * 500,
        "noise": noise,
        "first kilobyte": whole[:1024],
        "half": whole[: len(whole) // 2],
        "torn": whole[:third] + noise[:third] + whole[2 * third :],
        "wrong ending": whole,
    }[damage]
    broken = tmp_path / ("broken.mp3" if damage == "wrong ending" else f"broken{suffix}")
    broken.write_bytes(content)

    try:
        found = analyzer.analyze(broken)
    except AudioFileError as error:
        refused = str(error)
    else:
        refused = ""
        assert 0 < found.duration_s < 4.2
    if damage in ("empty", "text", "noise"):
        assert str(broken) in refused
    if damage == "wrong ending":
        assert not refused


@pytest.mark.parametrize(
    ("value", "readable"), [(4.0, True), (1e30, False), (np.inf, False), (np.nan, False)]
)
def test_absurd_samples_of_a_floating_point_file(
    tmp_path: Path, analyzer: Analyzer, value: float, readable: bool
) -> None:
    samples = np.resize(np.array([value, -value, 0.1], dtype="<f4"), RATE_HZ)
    header = struct.pack("<HHIIHH", 3, 1, RATE_HZ, 4 * RATE_HZ, 4, 32)
    data = samples.tobytes()
    path = tmp_path / "float.wav"
    path.write_bytes(
        b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + struct.pack("<I", 16) + header
        + b"data" + struct.pack("<I", len(data)) + data
    )  # fmt: skip

    if readable:
        found = analyzer.analyze(path)
        assert np.isfinite([found.valence, found.energy, found.loudness_lufs, found.true_peak_dbtp]).all()
    else:
        with pytest.raises(AudioFileError, match="far beyond full scale"):
            analyzer.analyze(path)


@pytest.mark.parametrize("suffix", [".flac", ".m4a"])
def test_a_file_that_lost_most_of_its_end_is_refused(tmp_path: Path, suffix: str) -> None:
    path = encode(tmp_path / f"a{suffix}", sine(10, -18))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 4])

    with pytest.raises(AudioFileError):
        decode(path)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    playlist = tmp_path / "list.mp3"
    playlist.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nhttp://127.0.0.1:9/a.ts\n")
    (tmp_path / "folder.mp3").mkdir()

    for path in (playlist, tmp_path / "folder.mp3", tmp_path / "nowhere.mp3"):
        with pytest.raises(AudioFileError, match=path.name):
            decode(path)


@pytest.mark.parametrize("hz", [440.0, 997.0, 11025.0, 12000.0])
def test_true_peak_is_ffmpegs(tmp_path: Path, hz: float) -> None:
    """The filter of BS.1770-4 and ffmpeg's resampler agree to a few tenths of a decibel."""
    swell = np.hanning(3 * 48000).astype(np.float32)  # an abrupt start rings in either filter, differently
    path = encode(tmp_path / "tone.flac", swell * sine(3, -6, hz), swell * sine(3, -20, hz * 0.8))

    found = decode(path).true_peak_dbtp

    assert found == pytest.approx(ffmpegs_true_peak(path), abs=0.4)


def ffmpegs_true_peak(path: Path) -> float:
    """dBTP of a file, from ffmpeg's ebur128."""
    with av.open(str(path)) as container:
        graph = Graph()
        source = graph.add_abuffer(template=container.streams.audio[0])
        meter, sink = graph.add("ebur128", "metadata=1:peak=true"), graph.add("abuffersink")
        source.link_to(meter)
        meter.link_to(sink)
        graph.configure()
        highest = 0.0
        for frame in container.decode(audio=0):
            source.push(frame)
            with contextlib.suppress(av.BlockingIOError, av.EOFError):
                while True:
                    highest = max(highest, float(sink.pull().metadata.get("lavfi.r128.true_peak", 0)))
    return float(20 * np.log10(highest))


def test_silence_and_a_fade_are_found(tmp_path: Path) -> None:
    still = np.zeros(96000, dtype=np.float32)
    fading = sine(6, -12) * np.logspace(0, -3, 6 * 48000).astype(np.float32)
    path = encode(tmp_path / "fade.flac", np.concatenate([still, sine(10, -12), fading, still]))

    found = decode(path).boundaries

    assert found.music_start_s == pytest.approx(2, abs=0.1)
    assert found.fade_out_s == pytest.approx(12.6, abs=0.7)
    assert 15 < found.music_end_s < 18.1


def test_silences_and_rests_of_a_file(tmp_path: Path, analyzer: Analyzer) -> None:
    """Phrases of a tone with a breath of 0.4 s between them, and three seconds of silence in the middle."""
    phrase, still = sine(5.6, -12), np.zeros(3 * 48000, dtype=np.float32)
    breath = sine(0.4, -40)
    path = encode(
        tmp_path / "phrases.opus", np.concatenate([phrase, breath, phrase, still, phrase, breath, phrase])
    )

    found = analyzer.analyze(path)

    assert len(found.silences) == 1
    assert found.silences[0] == pytest.approx((11.6, 14.6), abs=0.15)
    assert found.rests == pytest.approx((5.8, 13.1, 20.4), abs=0.25)


def test_an_array_is_heard_as_the_file_is(tmp_path: Path) -> None:
    samples = clicks(5, 120)
    path = encode(tmp_path / "a.flac", samples)

    of_file, of_array = analyze(path), analyze(np.stack([samples, samples], axis=1), rate_hz=48000)

    assert set(of_array.moods) == set(FEELINGS)
    assert sum(of_array.moods.values()) == pytest.approx(1)
    for figure in ("valence", "energy", "loudness_lufs", "true_peak_dbtp", "tempo_bpm", "duration_s"):
        assert getattr(of_array, figure) == pytest.approx(getattr(of_file, figure), abs=0.02), figure


@pytest.mark.parametrize("rate_hz", [8000, 22050, 96000])
def test_arrays_of_any_rate(rate_hz: int) -> None:
    tone = (0.1 * np.sin(2 * np.pi * 440 * np.arange(2 * rate_hz) / rate_hz)).astype(np.float32)

    found = analyze(tone, rate_hz=rate_hz)

    assert found.duration_s == pytest.approx(2)
    assert found.true_peak_dbtp == pytest.approx(-20, abs=0.3)


def test_arrays_that_cannot_be_heard() -> None:
    fine = np.zeros(16000, dtype=np.float32)
    with pytest.raises(ValueError, match="rate"):
        analyze(fine)
    with pytest.raises(ValueError, match="rate"):
        analyze(fine, rate_hz=10)
    with pytest.raises(ValueError, match="shape"):
        analyze(np.zeros((16000, 9), dtype=np.float32), rate_hz=16000)
    with pytest.raises(ValueError, match="samples"):
        analyze(fine[:100], rate_hz=16000)
    with pytest.raises(AudioFileError, match="no numbers"):
        analyze(np.full(16000, np.nan, dtype=np.float32), rate_hz=16000)


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs the ffmpeg command")
def test_an_encrypted_file_is_refused(tmp_path: Path) -> None:
    plain, locked = encode(tmp_path / "plain.m4a", clicks(4, 120)), tmp_path / "잠긴 노래.m4a"
    encryption = ("cenc-aes-ctr", "76a6c65c5ea762046bd749a2e632ccbb", "a7e61c373e219033c21091fa607bf3b8")
    scheme, key, kid = encryption
    command = ["ffmpeg", "-v", "error", "-i", str(plain), "-c", "copy", "-encryption_scheme", scheme]
    command += ["-encryption_key", key, "-encryption_kid", kid, str(locked)]
    subprocess.run(command, check=True, timeout=60)

    with pytest.raises(AudioFileError, match=locked.name):
        decode(locked)
