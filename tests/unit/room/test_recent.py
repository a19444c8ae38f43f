"""What is kept of the last minutes for people who look."""

from datetime import UTC, datetime, timedelta

from player.mood.tracker import TrackerUpdate
from player.room.recent import MOST_POINTS, MOST_SHIFTS, TRAIL_S, Recent
from player.types import MoodPoint, MoodShift, Target

START = datetime(2026, 5, 1, 18, tzinfo=UTC)
TARGET = Target(MoodPoint(0.4, -0.7), "calm", "the room is quiet")


def reading(valence: float, shifted: bool = False) -> TrackerUpdate:
    """The room is at a place."""
    shift = MoodShift(MoodPoint(0, 0), MoodPoint(valence, 0), 0.0, f"to {valence}") if shifted else None
    return TrackerUpdate(MoodPoint(valence, 0.0), shift, TARGET)


def test_the_trail_has_where_the_mood_has_moved_to_in_the_last_minutes() -> None:
    recent = Recent()
    assert (recent.read_s(5.0), recent.trail(START), recent.shifts) == (None, (), ())
    for second, valence in enumerate((0.0, 0.01, 0.1, 0.11, 0.3)):
        recent.add(reading(valence), float(second), START + timedelta(seconds=second))
    assert [point.valence for point in recent.trail(START)] == [0.0, 0.1, 0.3]
    assert recent.trail(START)[-1].at == "2026-05-01T18:00:04+00:00"
    assert recent.read_s(10.0) == 6.0
    later = START + timedelta(seconds=TRAIL_S + 3)
    assert [point.valence for point in recent.trail(later)] == [0.3]


def test_it_never_grows() -> None:
    recent = Recent()
    for second in range(1000):
        recent.add(reading(second % 2, shifted=True), float(second), START + timedelta(seconds=second / 10))
    assert len(recent.trail(START)) == MOST_POINTS
    assert len(recent.shifts) == MOST_SHIFTS
    assert (recent.shifts[0].reason, recent.shifts[0].valence) == ("to 1", 0.4)
