"""`/`: for whoever opens the address in a browser, in plain HTML without script."""

from __future__ import annotations

from html import escape
from string import Template

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from player.types import Json

router = APIRouter()
AWAY = "The player does not answer at present; it comes back by itself, or see its log."
UNKNOWN = "What plays is said to those who have logged in."
STATES = {
    "starting": "The music is about to begin.",
    "paused": "The music is paused.",
    "stopped": "No music plays.",
    "closed": "It is outside the opening hours: no music plays.",
    "silent": "No music can be heard: something is wrong, and the player's log says what.",
}
PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>ambient-player</title>
</head>
<body>
<h1>ambient-player</h1>
<p>This player's music follows the atmosphere of the room.</p>
<p><strong>$state</strong></p>
<p>On the player's own machine, <code>ambient-player --help</code> lists what it can be told.
Programs find it under <a href="$base/openapi.json">$base/openapi.json</a>;
<code>docs/api.md</code> explains it.</p>
</body>
</html>
""")


@router.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
async def front_page(request: Request) -> Response:
    """What this is, how it is, and where the API is; what plays is for those who may know it."""
    state = request.state
    snapshot = request.app.state.board.current
    said = UNKNOWN if state.identity is None else AWAY
    if snapshot is not None and state.identity is not None:
        said = sentence(snapshot.status)
    page = PAGE.substitute(state=escape(said), base=escape(state.asker.prefix))
    return HTMLResponse(page, headers={"Cache-Control": "no-store"})


def sentence(status: Json) -> str:
    """How the music is, for a person."""
    playback = status["playback"]
    track = playback["track"]
    if playback["state"] != "playing" or track is None:
        return STATES.get(playback["state"], "The music is about to begin.")
    by = f" by {track['artist']}" if track["artist"] else ""
    return f"Now playing: {track['title']}{by}."
