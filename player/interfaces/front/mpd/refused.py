"""Commands of MPD's that are known and refused, with what is said."""

from __future__ import annotations

QUEUE = "the music follows the room: its queue cannot be changed; load a mood, or skip with next."
MODE = "the music follows the room: this is set by the player, see playback in config.yaml."
PLACES = (
    "this is not for programs that speak MPD's protocol; it is set on the player's page or in config.yaml."
)
REFUSED = {
    **dict.fromkeys(
        (
            "add", "addid", "addtagid", "cleartagid", "delete", "deleteid", "findadd", "move", "moveid",
            "playlistadd", "playlistclear", "playlistdelete", "playlistmove", "previous", "prio", "prioid",
            "rangeid", "rename", "rm", "save", "searchadd", "searchaddpl", "shuffle", "swap", "swapid",
        ),
        QUEUE,
    ),
    **dict.fromkeys(
        (
            "consume", "crossfade", "mixrampdb", "mixrampdelay", "random", "repeat", "replay_gain_mode",
            "single",
        ),
        MODE,
    ),
    **dict.fromkeys(
        (
            "config", "delpartition", "disableoutput", "enableoutput", "kill", "mount", "moveoutput",
            "newpartition", "outputset", "partition", "rescan", "sendmessage", "sticker", "subscribe",
            "toggleoutput", "unmount", "unsubscribe", "update",
        ),
        PLACES,
    ),
}  # fmt: skip
