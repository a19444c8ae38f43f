from dataclasses import asdict

import numpy as np
import pytest

from player.camera.change_gate import ChangeGate
from player.config.settings.perception import GateSettings
from tests.fakes.scenes import Luma, photographed, room, with_person


def changed(before: Luma, after: Luma, noise: float = 0.0, gain: float = 1.0) -> bool:
    """Whether a default gate that looked at `before` opens for `after`."""
    gate = ChangeGate(GateSettings())
    gate.decide(photographed(before, noise, seed=1), 0.0)
    return gate.decide(photographed(after, noise, seed=2, gain=gain), 1.0).reason == "changed"


@pytest.mark.parametrize("light", [1.0, 0.5, 0.2], ids=["day", "dusk", "evening"])
@pytest.mark.parametrize("noise", [0.0, 0.03])
class TestARoom:
    def test_that_stays_the_same_is_not_looked_at_again(self, light: float, noise: float) -> None:
        assert not changed(room(light), room(light), noise)

    def test_that_somebody_enters_is(self, light: float, noise: float) -> None:
        assert changed(room(light), with_person(room(light)), noise)

    def test_that_somebody_leaves_is(self, light: float, noise: float) -> None:
        assert changed(with_person(room(light)), room(light), noise)

    def test_where_somebody_walks_on_is(self, light: float, noise: float) -> None:
        assert changed(with_person(room(light)), with_person(room(light), x=250, clothes=0.8), noise)

    @pytest.mark.parametrize("gain", [0.88, 0.95, 1.05, 1.1])
    def test_whose_exposure_flickers_is_not(self, light: float, noise: float, gain: float) -> None:
        assert not changed(room(light), room(light), noise, gain)

    def test_that_somebody_enters_while_the_exposure_moves_is(self, light: float, noise: float) -> None:
        assert changed(room(light), with_person(room(light)), noise, gain=1.1)


@pytest.mark.parametrize("share", [0.2, 0.6], ids=["a window", "a shop front"])
@pytest.mark.parametrize("gain", [0.88, 1.1])
def test_what_is_blown_out_neither_counts_as_changed_nor_hides_a_change(share: float, gain: float) -> None:
    luma = room(0.7)
    luma[:, : int(share * luma.shape[1])] = 2.0

    assert not changed(luma, luma, 0.02, gain)
    assert changed(luma, with_person(luma, x=250, clothes=0.9), 0.02, gain)


@pytest.mark.parametrize("light", [0.5, 0.05])
def test_lights_that_are_switched_off_or_on_are_a_change(light: float) -> None:
    assert changed(room(), room(light))
    assert changed(room(light), room())


def test_slow_drift_adds_up_until_the_gate_opens_and_then_counts_from_there() -> None:
    gate = ChangeGate(GateSettings(refresh_s=86400))
    dusk = [float(light) for light in np.linspace(1.0, 0.3, 70)]  # 1 % an instant

    looks = [n for n, light in enumerate(dusk) if gate.decide(photographed(room(light)), float(n)).look]

    assert looks[0] == 0
    assert 10 <= looks[1] <= 40, "one instant opens nothing, a quarter of the light does"
    assert 3 <= len(looks) <= 10


def test_the_first_picture_opens_it_and_forgetting_opens_it_again() -> None:
    gate = ChangeGate(GateSettings())
    image = photographed(room())
    reasons = [gate.decide(image, 0.0).reason, gate.decide(image, 1.0).reason]
    gate.forget()
    decision = gate.decide(image, 2.0)

    assert reasons == ["first", "same"]
    assert (decision.look, decision.difference, decision.reason) == (True, 1.0, "first")


def test_a_still_room_is_looked_at_every_refresh() -> None:
    gate = ChangeGate(GateSettings(refresh_s=120))
    image = photographed(room())

    looks = {now: gate.decide(image, float(now)).reason for now in range(0, 300, 5)}

    assert {now: reason for now, reason in looks.items() if reason != "same"} == {
        0: "first",
        120: "refresh",
        240: "refresh",
    }
    assert asdict(gate.status()) == {"looked": 3, "saved": 57, "last_difference": 0.0}


def test_the_difference_is_the_share_of_the_picture_that_changed() -> None:
    gate = ChangeGate(GateSettings())
    before = room()
    after = before.copy()
    after[:, :80] = 0.0  # a quarter of the width
    gate.decide(photographed(before), 0.0)

    decision = gate.decide(photographed(after), 1.0)

    assert decision.difference == pytest.approx(0.25, abs=0.07)
    assert gate.status().last_difference == pytest.approx(decision.difference, abs=1e-4)


@pytest.mark.parametrize(("threshold", "look"), [(0.2, True), (0.4, False)])
def test_the_threshold_is_on_that_share(threshold: float, look: bool) -> None:
    gate = ChangeGate(GateSettings(threshold=threshold))
    before = room()
    after = before.copy()
    after[:, :80] = 0.0
    gate.decide(photographed(before), 0.0)

    assert gate.decide(photographed(after), 1.0).look is look


@pytest.mark.parametrize("luma", [0.0, 1.0])
def test_a_picture_without_any_usable_cell_is_compared_all_the_same(luma: float) -> None:
    blank = np.full_like(room(), luma)

    assert changed(blank, room())
    assert changed(room(), blank)
    assert not changed(blank, blank)
