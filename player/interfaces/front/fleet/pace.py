"""How often what is said in a fleet."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds.

    least_s      between two reports of a room, however much has changed
    heartbeat_s  between two reports if nothing has
    away_s       a room that has said nothing for so long is offline: within 30 s of its end it must show
    resend_s     until what has not been answered is said again
    look_s       between two looks for plays that have ended
    retry_s      until the first try to come back to a broker that is gone; then ever more slowly ...
    retry_max_s  ... up to so long
    """

    least_s: float = 5.0
    heartbeat_s: float = 20.0
    away_s: float = 28.0
    resend_s: float = 15.0
    look_s: float = 15.0
    retry_s: float = 1.0
    retry_max_s: float = 30.0

    def faster(self, times: float) -> Pace:
        """The same, so many times as fast."""
        return Pace(
            *(
                seconds / times
                for seconds in (
                    *(self.least_s, self.heartbeat_s, self.away_s, self.resend_s, self.look_s),
                    *(self.retry_s, self.retry_max_s),
                )
            )
        )


PACE = Pace()
KEEPALIVE_S = 15
"""The broker gives a connection up after one and a half times as long, and says that the room is offline."""
