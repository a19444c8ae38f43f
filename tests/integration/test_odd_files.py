"""Files that are played although their ending, their tags or their header is wrong, and what is no music."""

import io
import struct
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import av
import numpy as np
import pytest

from player.config.settings.playback import PlaybackSettings
from player.errors import AudioFileError
from player.library.analysis.decoding import decode
from player.library.database.store import Library
from player.library.music_folders import choose_folders
from player.library.scan.reading import read_file
from player.playback.file_check import file_trouble
from player.playback.frame_count import count
from player.playback.rendering import Rendering
from player.playback.transitions import TAIL_S, Style
from player.types import Track, Transition
from tests.support.library_audio import Samples
from tests.support.pulse import PrivatePulse, level_db, pulse_here
from tests.support.quiet import judged_in_quiet
from tests.support.transitions import Take, take

SECONDS = 4.0
TONE_DB = -23.0
"""RMS level of a sine whose peaks reach -20 dBFS."""
SETTINGS = PlaybackSettings(
    volume=100, start_volume=100, output="pulse", first_fade_s=0.0, target_lufs=TONE_DB + 3.01
)
PLAIN = {"write_xing": "0", "id3v2_version": "0"}


@pytest.fixture(scope="module")
def pulse() -> Iterator[PrivatePulse]:
    with pulse_here() as own:
        yield own


def tone(seconds: float, rate_hz: int, hz: float) -> Samples:
    return (0.1 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate_hz)) / rate_hz)).astype(np.float32)


@cache
def made(
    container_name: str,
    codec: str,
    layout: str = "stereo",
    rate_hz: int = 44100,
    seconds: float = SECONDS,
    bit_rate: int = 128000,
    hz: float = 997.0,
) -> bytes:
    """A tone as a file of some kind."""
    target = io.BytesIO()
    options = PLAIN if container_name == "mp3" else {}
    with av.open(target, "w", format=container_name, options=options) as container:
        stream = container.add_stream(codec, rate=rate_hz, layout=layout)
        stream.bit_rate = bit_rate
        channels = av.AudioLayout(layout).nb_channels
        packed = np.repeat(tone(seconds, rate_hz, hz)[:, None], channels, axis=1).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(packed, format="flt", layout=layout)
        frame.sample_rate = rate_hz
        resampler = av.AudioResampler(stream.format.name, layout, rate_hz, stream.frame_size or 4096)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return target.getvalue()


def mp3(**how: object) -> bytes:
    return made("mp3", "libmp3lame", **how)  # type: ignore[arg-type]


def wav(riff: int | None = None, data: int | None = None, name: bytes = b"RIFF") -> bytes:
    """A WAV file with these lengths in its header; with ds64 where it is no RIFF."""
    whole = made("wav", "pcm_s16le")
    at = whole.index(b"data")
    sound, form = whole[at + 8 :], whole[12:36]
    sizes = (len(whole) - 8 if riff is None else riff, len(sound) if data is None else data)
    ds64 = b""
    if name != b"RIFF":
        ds64 = b"ds64" + struct.pack("<IQQQI", 28, len(whole) + 28, len(sound), len(sound) // 4, 0)
    first, second = (struct.pack("<I", size) for size in sizes)
    return name + first + b"WAVE" + ds64 + form + b"data" + second + sound


def for_a_receiver(silence_s: float = 0.0, swapped: bool = False) -> bytes:
    """Dolby Digital in what passes for 16-bit samples of 48 kHz (IEC 61937)."""
    bursts = made("spdif", "ac3", rate_hz=48000, bit_rate=384000)
    if swapped:
        bursts = np.frombuffer(bursts, "<u2").byteswap().tobytes()
    sound = bytes(round(silence_s * 48000) * 4) + bursts
    form = struct.pack("<IHHIIHH", 16, 1, 2, 48000, 192000, 4, 16)
    sizes = (struct.pack("<I", size) for size in (36 + len(sound), len(sound)))
    return b"RIFF" + next(sizes) + b"WAVEfmt " + form + b"data" + next(sizes) + sound


def without_total(flac: bytes) -> bytes:
    """A FLAC file whose header says 0 samples, as a stream's does."""
    at = flac.index(b"fLaC") + 8 + 10
    (value,) = struct.unpack_from(">Q", flac, at)
    return flac[:at] + struct.pack(">Q", value & ~((1 << 36) - 1)) + flac[at + 8 :]


ID3 = b"ID3\x03\x00\x00\x00\x00\x02\x00" + bytes(256)
ALL = 0xFFFFFFFF
PLAYABLE: dict[str, Callable[[], bytes]] = {
    "rf64.wav": lambda: wav(ALL, ALL, b"RF64"),
    "bw64.wav": lambda: wav(ALL, ALL, b"BW64"),
    "no riff size.wav": lambda: wav(0),
    "no sizes.wav": lambda: wav(0, 0),
    "streamed.wav": lambda: wav(ALL, ALL),
    "too long.wav": lambda: wav(data=0x7FFFFFFF),
    "w64.wav": lambda: made("w64", "pcm_s16le"),
    "aiff.wav": lambda: made("aiff", "pcm_s16be"),
    "receiver.wav": for_a_receiver,
    "mp3.flac": mp3,
    "mp3.m4a": mp3,
    "MP3.WAV": mp3,
    "flac.mp3": lambda: made("flac", "flac"),
    "flac.ogg": lambda: made("flac", "flac"),
    "wav.mp3": wav,
    "m4a.mp3": lambda: made("mp4", "aac"),
    "m4a.flac": lambda: made("mp4", "aac"),
    "opus.mp3": lambda: made("ogg", "libopus", rate_hz=48000),
    "webm.opus": lambda: made("webm", "libopus", rate_hz=48000),
    "matroska.ogg": lambda: made("matroska", "pcm_s16le"),
    "adts.m4a": lambda: made("adts", "aac"),
    "id3 adts.mp3": lambda: ID3 + made("adts", "aac"),
    "id3 flac.flac": lambda: ID3 + made("flac", "flac"),
    "id3 flac.mp3": lambda: ID3 + made("flac", "flac"),
    "mp2.mp3": lambda: made("mp2", "mp2"),
    "wma.mp3": lambda: made("asf", "wmav2"),
    "zeros.mp3": lambda: bytes(200_000) + mp3(),
    "http.mp3": lambda: b"HTTP/1.0 200 OK\r\n\r\n" * 100 + mp3(),
    "mono, stereo.mp3": lambda: mp3(layout="mono", seconds=2.0) + mp3(seconds=2.0),
    "stereo, mono.mp3": lambda: mp3(seconds=2.0) + mp3(layout="mono", seconds=2.0),
    "22050, 44100.mp3": lambda: mp3(rate_hz=22050, seconds=2.0) + mp3(seconds=2.0),
    "mono, stereo.m4a": lambda: (
        made("adts", "aac", layout="mono", seconds=2.0) + made("adts", "aac", seconds=2.0)
    ),
    "page.mp3": lambda: b"<!DOCTYPE html><html><body>404</body></html>\n" * 50 + mp3(),
    "flv.mp3": lambda: made("flv", "libmp3lame"),
    "flv.m4a": lambda: made("flv", "aac"),
    "mpeg.mp3": lambda: made("mpeg", "mp2"),
    "avi.mp3": lambda: made("avi", "libmp3lame"),
    "mov.m4a": lambda: made("mov", "aac"),
    "sowt.wav": lambda: made("aiff", "pcm_s16le"),
    "no total.flac": lambda: without_total(made("flac", "flac")),
}


def zipped() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("song.txt", "la " * 5000)
    return target.getvalue()


def silent_film() -> bytes:
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width = stream.height = 64
        for shade in range(25):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.full((64, 64, 3), shade, np.uint8))))
        container.mux(stream.encode(None))
    return target.getvalue()


NO_MUSIC: dict[str, Callable[[], bytes]] = {
    "text.mp3": lambda: "가사: 노래는 없다\n".encode() * 2000,
    "page.mp3": lambda: b"<!DOCTYPE html><html><body>404</body></html>\n" * 50,
    "list.mp3": lambda: b"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nhttp://127.0.0.1:9/a.ts\n",
    "archive.m4a": zipped,
    "photo.flac": lambda: b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + np.random.default_rng(0).bytes(30_000),
    "noise.mp3": lambda: np.random.default_rng(1).bytes(200_000),
    "zeros.mp3": lambda: bytes(200_000),
    "tags.mp3": lambda: ID3,
    "empty.flac": bytes,
    "empty.mp3": bytes,
}


def other_order(name: bytes) -> bytes:
    """A WAV file as computers write it that have the high byte first."""
    form = struct.pack(">HHIIHH", 1, 2, 44100, 176400, 4, 16)
    sound = np.repeat(tone(SECONDS, 44100, 997.0), 2) * 32767
    return name + b"\0\x0a\0\0WAVEfmt \0\0\0\x10" + form + b"data\0\x0a\0\0" + sound.astype(">i2").tobytes()


NOISY: dict[str, Callable[[], bytes]] = {
    "rifx.wav": lambda: other_order(b"RIFX"),
    "rifx.mp3": lambda: other_order(b"RIFX"),
    "id3 rifx.wav": lambda: ID3 + other_order(b"RIFX"),
    "ffir.wav": lambda: other_order(b"FFIR"),
    "swapped.wav": lambda: wav()[:44] + np.frombuffer(wav()[44:], "<i2").byteswap().tobytes(),
    "receiver, late.wav": lambda: for_a_receiver(silence_s=1.0),
    "receiver, swapped.wav": lambda: for_a_receiver(swapped=True),
    "no codec.wav": lambda: wav().replace(b"fmt \x10\0\0\0\x01\0", b"fmt \x10\0\0\0\x34\x12"),
}


@pytest.mark.parametrize("name", NOISY)
def test_what_would_be_noise_is_refused_in_words_by_all(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(NOISY[name]())
    unknown = name == "no codec.wav"
    for judge in (decode,) if unknown else (read_file, decode, lambda file: Rendering(file, 0.0)):
        with pytest.raises(AudioFileError, match=rf"{name} .*: .*remove it"):
            judge(path)
    assert bool(file_trouble(str(path))) is not unknown


@pytest.mark.parametrize("name", PLAYABLE)
def test_the_decoder_judges_and_no_ending_no_tag_and_no_header(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(PLAYABLE[name]())
    library = Library(tmp_path / "library.db")

    report = library.scan([tmp_path])
    heard = decode(path)

    assert report.unreadable == []
    assert [track.path for track in library.tracks()] == [path]
    library.close()
    assert heard.duration_s == pytest.approx(SECONDS, abs=0.15)
    assert heard.loudness_lufs == pytest.approx(-20, abs=0.7)


@pytest.mark.parametrize("name", NO_MUSIC)
def test_what_is_no_music_is_refused_in_words(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(NO_MUSIC[name]())

    for judge in (read_file, decode):
        with pytest.raises(AudioFileError, match=rf"{name} .*: .*remove it"):
            judge(path)


@pytest.mark.parametrize("name", PLAYABLE)
def test_a_folder_of_nothing_else_holds_music(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(PLAYABLE[name]())
    assert choose_folders((tmp_path,)) == ((tmp_path,), None)


@pytest.mark.parametrize("name", sorted(NO_MUSIC.keys() - {"photo.flac", "tags.mp3", "noise.mp3"}))
def test_a_folder_without_music_holds_none(tmp_path: Path, name: str) -> None:
    """But those that begin as music: for the first start that is enough."""
    (tmp_path / name).write_bytes(NO_MUSIC[name]())
    assert f"there is no music in {tmp_path}" in str(choose_folders((tmp_path,))[1])


def test_a_film_without_sound_is_refused_by_the_analysis(tmp_path: Path) -> None:
    (tmp_path / "film.m4a").write_bytes(silent_film())
    with pytest.raises(AudioFileError, match="holds no audio"):
        decode(tmp_path / "film.m4a")


def test_what_mutagen_cannot_read_has_the_tags_that_ffmpeg_reads(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.opus"), "w", format="webm") as container:
        container.metadata.update({"title": "가을 아침", "artist": "아이유"})
        stream = container.add_stream("libopus", rate=48000, layout="stereo")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 2 * 960), np.float32), "flt", "stereo")
        frame.sample_rate = 48000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))

    track = read_file(tmp_path / "a.opus")

    assert (track.title, track.artist) == ("가을 아침", "아이유")


@pytest.mark.parametrize(
    "name",
    ["w64.wav", "rf64.wav", "mono, stereo.mp3", "22050, 44100.mp3", "webm.opus", "page.mp3", "receiver.wav"],
)
def test_a_deck_plays_it_to_its_end(pulse: PrivatePulse, tmp_path: Path, name: str) -> None:
    """Also what libVLC cannot open, or is silent with behind a change of format."""
    path = tmp_path / name
    path.write_bytes(PLAYABLE[name]())
    track = Track(path, "a", duration_s=SECONDS, loudness_lufs=-20.0, peak_dbfs=-20.0)

    def whole(taken: Take) -> None:
        at = taken.begun[0][0]
        for start_s in (1.0, 2.6):
            level = level_db(taken.between(at + start_s, at + start_s + 1.0))
            assert level == pytest.approx(TONE_DB, abs=1.0)

    judged_in_quiet(lambda: take(pulse, [track], SETTINGS, Style(Transition.CUT, 0), 0, 3.9), whole)


def varied() -> bytes:
    """2 s of 320 kbit/s and 8 s of 32: 10 s, of which the first bit rate promises 2.8."""
    return mp3(seconds=2.0, bit_rate=320000, hz=500.0) + mp3(seconds=8.0, bit_rate=32000, hz=1500.0)


def test_a_variable_bit_rate_without_a_header_costs_no_end(pulse: PrivatePulse, tmp_path: Path) -> None:
    """Neither libVLC's guess nor that of the tags counts: nobody has analysed the file."""
    path = tmp_path / "varied.mp3"
    path.write_bytes(varied())
    track = read_file(path)
    assert track.duration_s < 5, "as mutagen guesses"
    other = tmp_path / "other.wav"
    other.write_bytes(wav())
    tracks = [track, Track(other, "other", duration_s=SECONDS)]

    def whole(taken: Take) -> None:
        (first, _), (second, _) = taken.begun
        assert second - first == pytest.approx(10.1 - TAIL_S - 1.0, abs=0.4)

    judged_in_quiet(lambda: take(pulse, tracks, SETTINGS, Style(Transition.CROSSFADE, 1.0), 1, 0.5), whole)


def test_a_place_in_such_a_file_is_found_by_its_sound(tmp_path: Path) -> None:
    path = tmp_path / "varied.mp3"
    path.write_bytes(varied())
    counted = count(path)
    assert counted is not None
    assert counted.duration_s == pytest.approx(10.1, abs=0.1)

    rendering = Rendering(path, 8.0)
    sound = b"".join(iter(lambda: rendering.read(65536), b""))[44:]
    rendering.close()

    assert len(sound) / 8 / 44100 == pytest.approx(counted.duration_s - 8.0, abs=0.1)
