"""MusicBrainz recording ids and ISRCs, as taggers write them into every container."""

from pathlib import Path

import av
import pytest
from mutagen.apev2 import APEv2
from mutagen.flac import FLAC
from mutagen.id3 import ID3, TSRC, TXXX, UFID, Encoding
from mutagen.mp4 import MP4
from mutagen.wave import WAVE

from player.library.scan.recording_ids import recording_ids
from player.library.scan.tags import read_track
from tests.unit.library import files

UUID = "d4a7ce8e-9ef4-4cbb-a5a8-18e1a99e1a3b"
BOTH = (UUID.replace("-", ""), "GBAYE6901453")


def m4a(path: Path) -> Path:
    with av.open(str(path), "w", format="ipod") as file:
        stream = file.add_stream("aac", rate=8000)
        frame = av.AudioFrame(format="fltp", layout="mono", samples=1024)
        frame.sample_rate, frame.pts = 8000, 0
        frame.planes[0].update(bytes(4 * 1024))
        file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return path


def test_every_container_says_it(tmp_path: Path) -> None:
    picard = ID3()
    picard.add(UFID("http://musicbrainz.org", UUID.encode()))
    picard.add(UFID("http://www.id3.org/dummy/ufid.html", b"1"))
    picard.add(TSRC(Encoding.UTF8, "GBAYE6901453"))
    picard.save(files.mp3(tmp_path / "picard.mp3"))
    for number, name in enumerate(
        ("MusicBrainz Track Id", "MusicBrainz Recording Id", "MUSICBRAINZ_TRACKID")
    ):
        others = ID3()
        others.add(TXXX(Encoding.LATIN1, name, UUID.upper()))
        others.add(TXXX(Encoding.UTF16, "ISRC", "gb-aye-69-01453"))
        others.save(files.mp3(tmp_path / f"{number}.mp3"))
    ape = APEv2()
    ape["MUSICBRAINZ_TRACKID"], ape["ISRC"] = UUID, "GBAYE6901453"
    ape.save(files.mp3(tmp_path / "ape.mp3"))
    flac = FLAC(files.flac(tmp_path / "a.flac"))
    flac.update({"MUSICBRAINZ_TRACKID": UUID, "ISRC": ["", "GB AYE 69 01453"]})
    flac.save()
    mp4 = MP4(m4a(tmp_path / "a.m4a"))
    mp4["----:com.apple.iTunes:MusicBrainz Track Id"] = UUID.encode()
    mp4["----:com.apple.iTunes:ISRC"] = b"GBAYE6901453"
    mp4.save()
    wav = WAVE(files.wav(tmp_path / "a.wav"))
    wav.add_tags()
    assert wav.tags is not None
    for frame in picard.values():
        wav.tags.add(frame)
    wav.save()

    read = {path.name: read_track(path).recording_ids for path in tmp_path.iterdir()}

    assert len(read) == 8
    assert set(read.values()) == {BOTH}, read


@pytest.mark.parametrize(
    ("tags", "ids"),
    [
        ({"isrc": ["USRC17607839; GBAYE6901453"]}, ("", "GBAYE6901453")),
        ({"isrc": ["GBAYE6901453", "USRC17607839"]}, ("", "GBAYE6901453")),
        ({"isrc": ["ISRC US-RC1-76-07839"]}, ("", "USRC17607839")),
        ({"musicbrainz_trackid": [f"http://musicbrainz.org/recording/{UUID}"]}, (BOTH[0], "")),
    ],
)
def test_spellings(tags: dict[str, list[str]], ids: tuple[str, str]) -> None:
    assert recording_ids(tags) == ids


@pytest.mark.parametrize(
    "tags",
    [
        {"musicbrainz_trackid": ["00000000-0000-0000-0000-000000000000"]},
        {"musicbrainz_trackid": ["ffffffff-ffff-ffff-ffff-ffffffffffff"]},
        {"musicbrainz_trackid": ["0", "", "unknown", "1"]},
        {"musicbrainz_releasetrackid": [UUID], "musicbrainz release track id": [UUID]},
        {"musicbrainz_albumid": [UUID], "musicbrainz_artistid": [UUID], "musicbrainz_workid": [UUID]},
        {"isrc": ["000000000000"]},
        {"isrc": ["XX0000000000", "USXXX0000000", "QZABC2500000", "XXXXX1234567", "USABC1111111"]},
        {"isrc": ["0", "none", "N/A", "GBAYE69014533333", "GBAYE69"]},
    ],
)
def test_placeholders_and_other_ids_are_none(tags: dict[str, list[str]]) -> None:
    assert recording_ids(tags) == ("", "")
