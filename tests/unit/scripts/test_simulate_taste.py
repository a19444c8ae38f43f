"""Simulated listeners in small: does learning pay, as scripts/simulate/taste.py judges it?"""

import numpy as np
import pytest

from scripts.simulate.taste import LISTENERS, POLICIES, interval, live

BY_NAME = {listener.name: listener for listener in LISTENERS}
SEEDS, PLAYS, TRACKS = range(6), 200, 400


def regrets(listener: str) -> dict[str, np.ndarray]:
    """What each policy cost each house, (seeds,): the same houses for all."""
    return {
        policy: np.array([live(BY_NAME[listener], policy, seed, PLAYS, TRACKS)[-1] for seed in SEEDS])
        for policy in POLICIES
    }


def test_who_has_favourite_sounds_is_better_served_by_learning() -> None:
    cost = regrets("sounds")
    for other in ("random in the mood", "similarity"):
        _, low, _ = interval(cost[other] - cost["with taste"])
        assert low > 0, other


def test_who_skips_by_chance_is_served_as_well_as_without() -> None:
    cost = regrets("noise")
    assert cost["with taste"].mean() < 1.05 * cost["similarity"].mean()
    assert cost["with taste"].mean() < cost["random in the mood"].mean()


def test_a_house_can_be_lived_in_again() -> None:
    first, again = (live(BY_NAME["both"], "with taste", 3, 60, TRACKS) for _ in range(2))
    assert np.array_equal(first, again)
    assert (np.diff(first) >= 0).all()


@pytest.mark.parametrize("spread", [1.0, 5.0])
def test_the_interval_covers_what_it_should(spread: float) -> None:
    """Of 200 samples of 20 values around 3, about 95 % have 3 in their interval."""
    random = np.random.default_rng(1)
    intervals = [interval(random.normal(3, spread, 20), seed) for seed in range(200)]
    assert 0.88 < np.mean([low < 3 < high for _, low, high in intervals]) < 0.99
