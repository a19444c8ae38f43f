"""Who has a place among MPD's programs, and who goes if there are more."""

from __future__ import annotations

from dataclasses import dataclass

from player.interfaces.front.mpd.places import MOST, MOST_FROM_ONE, ClientPlaces, Guest


@dataclass(eq=False)
class FakeGuest(Guest):
    """Connected, until it is ended."""

    address: str
    is_let_in: bool = False
    is_ended: bool = False

    def end(self) -> None:
        """See Guest."""
        self.is_ended = True


def taken(places: ClientPlaces, *addresses: str, is_let_in: bool = False) -> list[FakeGuest]:
    """Guests from these addresses, all of whom have found a place."""
    made = [FakeGuest(address, is_let_in) for address in addresses]
    assert all(places.take(one) for one in made)
    return made


def ended(guests: list[FakeGuest]) -> list[int]:
    return [number for number, one in enumerate(guests) if one.is_ended]


def test_the_oldest_stranger_makes_room() -> None:
    places = ClientPlaces()
    inside = taken(places, *"ab", is_let_in=True)
    strangers = taken(places, *(f"10.0.0.{number}" for number in range(MOST - 2)))
    assert places.is_full
    taken(places, "c", "d")
    assert ended(strangers) == [0, 1]
    assert ended(inside) == []


def test_who_sends_many_does_not_drive_out_those_who_are_about_to_give_the_password() -> None:
    places = ClientPlaces()
    owner = taken(places, "owner")
    flood = taken(places, *["x"] * MOST_FROM_ONE, *["y"] * (MOST - MOST_FROM_ONE - 1))
    for _ in range(10):
        flood += taken(places, *["x", "y"] * MOST)
    assert ended(owner) == []
    assert len(flood) - len(ended(flood)) == MOST - 1


def test_one_address_drives_out_only_its_own() -> None:
    places = ClientPlaces()
    before = taken(places, "b")
    flood = taken(places, *["a"] * (MOST_FROM_ONE + 3))
    assert ended(flood) == [0, 1, 2]
    assert ended(before) == []


def test_those_that_are_let_in_stay_and_the_next_is_turned_away() -> None:
    places = ClientPlaces()
    inside = taken(places, *["a"] * MOST_FROM_ONE, is_let_in=True)
    assert not places.take(FakeGuest("a"))
    inside += taken(places, *["b"] * (MOST - MOST_FROM_ONE), is_let_in=True)
    assert not places.take(FakeGuest("c"))
    assert ended(inside) == []
    places.leave(inside[0])
    assert places.take(FakeGuest("c"))
    assert places.is_full, "of b there are as many as there may be"


def test_a_place_is_given_back_once() -> None:
    places = ClientPlaces()
    (guest,) = taken(places, "a")
    places.leave(guest)
    places.leave(guest)
    assert not places.is_full
    assert places.crowd("a") == ()
