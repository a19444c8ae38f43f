"""What Last.fm's listeners call the mood of a track, asked with the owner's own key."""

from __future__ import annotations

from collections.abc import Callable

import pylast

from player.errors import TagServiceError

KEY_PAGE = "https://www.last.fm/api/account/create"
MOST_TAGS = 50
_UNKNOWN = 6
_BAD_KEY = (10, 26)
_FOR_NOW = (8, 11, 16, 29, 500, 502, 503, 504)
"""Last.fm's codes for: failed, offline, unavailable, too many requests; and HTTP's."""
PAUSES_S = (5.0, 15.0, 60.0)
"""Before it is asked again."""


def open_network(key: str) -> pylast.LastFMNetwork:
    """Last.fm with a key; five requests a second at most."""
    network = pylast.LastFMNetwork(api_key=key)
    network.enable_rate_limit()
    return network


class LastFm:
    """Asks for the tags of tracks."""

    def __init__(
        self,
        network: pylast.LastFMNetwork,
        mood_of: Callable[[str], str | None],
        pause: Callable[[float], None],
    ) -> None:
        """`mood_of` gives the name of the mood that a tag means, if any; `pause` waits so many seconds."""
        self._network, self._mood_of, self._pause = network, mood_of, pause

    def moods(self, artist: str, title: str) -> dict[str, float]:
        """Mood -> weight, above 0 to 1; empty if Last.fm knows no mood of it, or not the track.

        Raises TagServiceError if it cannot be asked.
        """
        found: dict[str, float] = {}
        for tag, weight in self._tags(artist, title):
            mood = self._mood_of(tag)
            if mood is not None and weight > 0:
                found[mood] = max(found.get(mood, 0.0), min(1.0, weight / 100))
        return found

    def _tags(self, artist: str, title: str) -> list[tuple[str, float]]:
        for pause_s in (*PAUSES_S, None):
            try:
                top = self._network.get_track(artist, title).get_top_tags(limit=MOST_TAGS)
                return [(str(entry.item.get_name()), float(entry.weight)) for entry in top]
            except pylast.WSError as error:
                status = int(error.status)
                if status == _UNKNOWN:
                    return []
                if status in _BAD_KEY:
                    raise TagServiceError(
                        f"Last.fm does not accept the key ({error.details}): make one at {KEY_PAGE}."
                    ) from error
                if status not in _FOR_NOW or pause_s is None:
                    raise TagServiceError(
                        f"Last.fm gives no answer ({error.details}): what came is kept; run it again later."
                    ) from error
                self._pause(pause_s)
            except (pylast.NetworkError, pylast.MalformedResponseError) as error:
                raise TagServiceError(
                    f"Last.fm cannot be reached ({error}): what came is kept; run it again later."
                ) from error
        raise AssertionError("the last try returns or raises")
