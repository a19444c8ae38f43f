"""One deck: a small process of its own with a libVLC player, which does what it is told over its stdin.

    python -m player.playback.deck_child OUTPUT

Commands and reports are JSON objects, one a line; player/playback/deck_process.py is the other end.

    {"do": "load", "load": N, "path": P, "gain": G, "limit": L, "start_s": S, "bass_db": B,
     "ahead_ms": A}                                                 silent, held
    {"do": "begin", "at": T}                                        T on CLOCK_MONOTONIC, here and below
    {"do": "pause"} {"do": "resume"} {"do": "stop"}
    {"do": "fade", "to": E, "start_at": T, "duration_ms": D}
    {"do": "volume", "gain": G, "duration_ms": D}                   0 until it is first set

    {"say": "ready"} {"say": "alive"} {"say": "fatal", "reason": R}
    {"say": "prepared", "load": N, "duration_s": D}
    {"say": "playing" | "position", "load": N, "at": T, "position_s": S, "duration_s": D, "blocks": B}
    {"say": "ended" | "faded", "load": N}  {"say": "failed" | "no_output", "load": N, "reason": R}

What is heard is gain (the track's, fixed) x fade (crossfades) x volume (the venue's) x hold (a short ramp
around a pause), and never more than the track's limit (deck_worker.py). The one thread here owns libVLC; a
second one only reads stdin, and ends the process when the parent is gone, even while libVLC hangs. Only the
standard library is imported.
"""

from __future__ import annotations

import queue
import sys
import time

from player.errors import OutputError
from player.playback.deck_worker import DeckWorker
from player.playback.pulse import Detours, ShortAhead
from player.playback.vlc import parsed
from player.playback.vlc_deck import VlcDeck
from player.system.child_side import Command, read_commands, take_stdout


def serve(worker: DeckWorker, commands: queue.SimpleQueue[Command]) -> None:
    """Obey and tick for ever; the process ends with its stdin."""
    while True:
        try:
            worker.obey(commands.get(timeout=worker.patience_s(time.monotonic())), time.monotonic())
        except queue.Empty:
            worker.tick(time.monotonic())


def main() -> int:
    """Run the deck on the output named by the first argument."""
    say = take_stdout()
    detours = Detours()
    commands = read_commands(detours.close)
    try:
        output = parsed(sys.argv[1])
        ahead = ShortAhead(output.device) if output.needs_sound_server else None
        if ahead is not None:
            ahead.hold()  # the sooner it is asked for, the sooner it is so
        player = VlcDeck(sys.argv[1], detours)
    except OutputError as error:
        say({"say": "fatal", "reason": str(error)})
        return 1
    say({"say": "ready"})
    serve(DeckWorker(player, say, ahead.hold if ahead is not None else lambda: 0.0), commands)
    return 0


if __name__ == "__main__":
    sys.exit(main())
