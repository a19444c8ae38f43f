"""Nothing leaves the machine: the whole player, traced, where no network but loopback exists.

A library's report of its own, a look-up of a name, a check for updates would each be a `connect`, a `sendto`
or a `sendmsg` to an address of the internet. The kernel's account of those is the witness.
"""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from mutagen.flac import Picture
from mutagen.id3 import PictureType
from mutagen.oggopus import OggOpus

from player.config.settings.playback import PlaybackSettings
from player.library.demo_music import demo_folder
from player.playback.deck import Cue, DeckEvent, Failed, Position, Prepared
from player.playback.deck_process import CHILD, DeckProcess
from tests.support.daemon import Daemon
from tests.support.pulse import PrivatePulse
from tests.support.waiting import wait_for

OUTSIDE = re.compile(
    r"(connect|sendto|sendmsg|sendmmsg)\(.*sa_family=AF_INET6?, .*"
    r"(sin_addr=inet_addr\(\"(?!127\.)|inet_pton\(AF_INET6, \"(?!::1\"|::ffff:127\.)|sin6?_port=htons\(53\))"
)
"""A system call of strace's that speaks to another machine, or asks any name server."""
REPORTS_AFTER_S = 20.0
"""By then onnxruntime 1.31 has asked for the address of its maker's collector, unless it was told not to."""

ALONE = """
import fcntl, os, socket, struct, sys
up = struct.pack("16sh", b"lo", 0x1 | 0x40)  # IFF_UP, IFF_RUNNING
fcntl.ioctl(socket.socket(), 0x8914, up)  # SIOCSIFFLAGS
os.execvp(sys.argv[1], sys.argv[1:])
"""


def can_unshare() -> bool:
    probe = ["unshare", "-n", "true"]
    return (
        bool(shutil.which("unshare"))
        and subprocess.run(probe, capture_output=True, check=False).returncode == 0
    )


def traced(trace: Path) -> tuple[str, ...]:
    """What a command is put behind, to run without a network and with its sockets written down."""
    calls = "trace=connect,sendto,sendmsg,sendmmsg"
    strace = ("strace", "-f", "-qq", "--seccomp-bpf", "-e", calls, "-o", str(trace))
    return ("unshare", "-n", sys.executable, "-c", ALONE, *strace)


needs_a_network_of_its_own = pytest.mark.skipif(
    not (can_unshare() and shutil.which("strace")),
    reason="needs strace, and the right to make a network namespace (root)",
)


def outside(trace: Path) -> list[str]:
    return [
        line
        for line in trace.read_text(encoding="utf-8", errors="replace").splitlines()
        if OUTSIDE.search(line)
    ]


@needs_a_network_of_its_own
def test_the_trace_sees_what_it_is_there_for(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    code = (
        "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "for address in (('192.0.2.1', 443), ('127.0.0.53', 53), ('127.0.0.1', 9)):\n"
        "    try: s.connect(address)\n"
        "    except OSError: pass\n"
    )
    subprocess.run([*traced(trace), sys.executable, "-c", code], check=True)
    assert len(outside(trace)) == 2


@needs_a_network_of_its_own
@pytest.mark.long
def test_nothing_is_said_to_anybody_outside(pulse: PrivatePulse, tmp_path: Path) -> None:
    music = demo_folder()
    assert music is not None
    songs = sorted(music.rglob("*.opus"))[:3]
    for song in songs:
        shutil.copy(song, tmp_path)
    (tmp_path / "list.m3u").write_text("\n".join(song.name for song in songs), encoding="utf-8")
    home, trace = tmp_path / "home", tmp_path / "trace"
    home.mkdir()
    changes = {
        "camera": {"source": "demo", "photo_s": 30},  # the analysis waits for the end of each crossfade
        "library": {
            "folders": [str(tmp_path)],
            "playlists": [{"source": str(tmp_path / "list.m3u"), "mood": "calm"}],
        },
        "web": {"enabled": True},
    }
    env = {
        **pulse.env,
        "HOME": str(home),
        "XDG_CACHE_HOME": "",
        "XDG_CONFIG_HOME": "",
        "ORT_DISABLE_TELEMETRY": "",
    }
    with Daemon(tmp_path / "player", changes, env, behind=traced(trace)) as daemon:
        daemon.wait_for("scene", timeout_s=90)
        daemon.wait_until(lambda status: status["library"]["analysed"] >= len(songs), timeout_s=300)
        assert "target" in daemon.tell("pin", "a rainy sunday morning")
        daemon.wait_until(lambda status: status["front"]["address"])
        until = time.monotonic() + REPORTS_AFTER_S
        daemon.wait_until(lambda _: time.monotonic() > until, timeout_s=2 * REPORTS_AFTER_S)
    assert trace.stat().st_size > 0
    assert outside(trace) == []
    ours = {"pulse"}  # libpulse keeps a cookie there
    left = {path.relative_to(home) for path in home.rglob("*") if path.is_file()}
    assert {path for path in left if not ours & set(path.parts)} == set()


HLS = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://192.0.2.1/a.ts\n#EXT-X-ENDLIST\n"
DASH = (
    '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
    'profiles="urn:mpeg:dash:profile:isoff-on-demand:2011" mediaPresentationDuration="PT9S"><Period>'
    '<AdaptationSet mimeType="audio/mp4"><Representation id="1" bandwidth="1" codecs="mp4a.40.2">'
    '<BaseURL>http://192.0.2.1/a</BaseURL><SegmentBase indexRange="0-9"/></Representation></AdaptationSet>'
    "</Period></MPD>"
)
SMOOTH = (
    '<?xml version="1.0"?><SmoothStreamingMedia MajorVersion="2" MinorVersion="0" Duration="90000000">'
    '<StreamIndex Type="audio" Url="http://192.0.2.1/Q({bitrate})/F({start time})"><QualityLevel Index="0" '
    'Bitrate="9" FourCC="AACL" SamplingRate="44100" Channels="2" CodecPrivateData="1210"/><c d="90000000"/>'
    "</StreamIndex></SmoothStreamingMedia>"
)
SESSION = "v=0\no=- 0 0 IN IP4 192.0.2.1\ns=a\nc=IN IP4 192.0.2.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n"


def slowly() -> float:
    """The time by which a traced deck is judged: each of its calls waits for the tracer."""
    return time.monotonic() / 10


@pytest.fixture
def deck(pulse: PrivatePulse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DeckProcess]:
    """A deck alone with loopback, and a home for whatever it writes; its trace is in tmp_path."""
    (tmp_path / "home").mkdir()
    for name, value in {**pulse.env, "HOME": str(tmp_path / "home")}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    command = (*traced(tmp_path / "trace"), *CHILD)
    one = DeckProcess("A", PlaybackSettings(output="pulse"), command)
    wait_for(lambda: one.poll(slowly()) or one.ready, 20, "the deck")
    yield one
    one.close()


def load(deck: DeckProcess, song: Path) -> DeckEvent:
    """What a deck says first of a file."""
    said: list[DeckEvent] = []
    deck.load(Cue(song))
    wait_for(lambda: said.extend(deck.poll(slowly())) or said, 20, "the deck to say what it thinks")
    return said[0]


@needs_a_network_of_its_own
@pytest.mark.parametrize("tag", [b"", b"ID3\4\0\0\0\0\1\0" + bytes(128)], ids=["plain", "behind a tag"])
@pytest.mark.parametrize("tail", [b"", bytes(2000)], ids=["text", "and zeros"])
def test_addresses_in_a_file_that_is_called_a_song_are_not_called(
    deck: DeckProcess, tmp_path: Path, tag: bytes, tail: bytes
) -> None:
    song = tmp_path / "a.mp3"
    for content in (HLS, DASH, SMOOTH, SESSION):
        song.write_bytes(tag + content.encode() + tail)
        assert isinstance(load(deck, song), Failed), content
    assert outside(tmp_path / "trace") == []


@needs_a_network_of_its_own
def test_a_cover_is_copied_nowhere(deck: DeckProcess, tmp_path: Path) -> None:
    music = demo_folder()
    assert music is not None
    song = shutil.copy(next(music.rglob("*.opus")), tmp_path)
    cover = Picture()
    cover.type, cover.mime, cover.data = PictureType.COVER_FRONT, "image/png", b"\x89PNG" + bytes(500)
    tags = OggOpus(song)
    tags["metadata_block_picture"] = [base64.b64encode(cover.write()).decode("ascii")]
    tags["artist"], tags["album"] = "Artist", "Album"
    tags.save()
    assert isinstance(load(deck, Path(song)), Prepared)
    deck.begin(time.monotonic())
    wait_for(lambda: any(isinstance(e, Position) for e in deck.poll(slowly())), 20, "the music")
    assert not [path for path in (tmp_path / "home").rglob("*") if "vlc" in path.parts]
