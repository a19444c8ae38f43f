import pytest

from player.mood.llm.rate_limiter import RateLimiter


def test_the_budget_slides_with_the_hour() -> None:
    pace = RateLimiter(per_hour=10)
    for minute in range(10):
        assert pace.budget_s(60.0 * minute, 1) == 0
        pace.spend(60.0 * minute, 1)
    assert pace.budget_s(600, 1) == 3000  # until the first one is an hour old
    assert pace.budget_s(600, 3) == 3120  # until three of them are
    assert pace.budget_s(3600, 1) == 0
    assert pace.budget_s(3600, 2) == 60


def test_a_sentence_that_takes_several_requests_waits_for_all_of_them() -> None:
    pace = RateLimiter(per_hour=10)
    pace.spend(0, 6)
    assert pace.budget_s(1, 4) == 0
    assert pace.budget_s(1, 5) == 3599


def test_pauses_double_up_to_the_longest() -> None:
    pace, now = RateLimiter(10), 1000.0
    silences = []
    for _ in range(9):
        pace.failed(now)
        silences.append(pace.pause_s(now))
        now += silences[-1]
        assert pace.pause_s(now) == 0
    assert silences == [15, 30, 60, 120, 240, 480, 900, 900, 900]


def test_success_makes_the_next_pause_short_again() -> None:
    pace = RateLimiter(10)
    for _ in range(4):
        pace.failed(0)
    pace.succeeded()
    pace.failed(500)
    assert pace.pause_s(500) == 15


@pytest.mark.parametrize(
    ("asked_for", "pause"), [(None, 15), (0, 15), (3, 15), (120, 120), (86400, 3600), (float("inf"), 3600)]
)
def test_the_server_may_ask_for_a_longer_pause(asked_for: float | None, pause: float) -> None:
    pace = RateLimiter(10)
    pace.failed(0, asked_for)
    assert pace.pause_s(0) == pause
