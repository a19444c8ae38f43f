import tracemalloc

from player.interfaces.front.web.security.login_limits import (
    ADDRESS_REFILL_S,
    IN_ALL,
    MOST_OF_HOUSEHOLD,
    PER_ADDRESS,
    LoginLimits,
)


def granted(limits: LoginLimits, addresses: list[str], now_s: float = 0.0) -> int:
    return sum(limits.claim(address, now_s) == 0 for address in addresses)


def test_ten_thousand_tries_from_one_address() -> None:
    limits = LoginLimits(0.0)
    assert granted(limits, ["10.0.0.9"] * 10_000) == PER_ADDRESS
    assert granted(limits, ["10.0.0.10"]) == 1, "another address is still served"


def test_ten_thousand_tries_from_as_many_addresses() -> None:
    limits = LoginLimits(0.0)
    limits.claim("192.168.1.5", 0.0)
    limits.succeeded("192.168.1.5")
    tracemalloc.start()
    flood = [f"10.{number >> 8}.{number & 255}.1" for number in range(10_000)]
    assert granted(limits, flood) <= IN_ALL
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert held < 3_000_000
    assert granted(limits, ["192.168.1.5"]) == 1, "who has logged in before is served"


def test_a_customer_of_ipv6_is_one() -> None:
    limits = LoginLimits(0.0)
    assert granted(limits, [f"2001:db8:1:2::{number:x}" for number in range(1000)]) == PER_ADDRESS
    assert granted(limits, ["2001:db8:1:3::1"]) == 1


def test_a_guest_in_the_same_network_locks_out_nobody_who_has_been_in() -> None:
    limits, owner, phone = LoginLimits(0.0), "2001:db8:1:2::10", "2001:db8:1:2::11"
    for known in (owner, phone):
        assert granted(limits, [known]) == 1
        limits.succeeded(known)
    now_s, guesses = 0.0, 0
    for minute in range(60):
        now_s = 60.0 * minute
        guesses += granted(limits, [f"2001:db8:1:2:dead::{each:x}" for each in range(50)], now_s)
        assert granted(limits, [owner, phone], now_s) == 2, "the guest has no part in their tries"
    assert guesses <= PER_ADDRESS + now_s / ADDRESS_REFILL_S


def test_who_knows_one_password_gains_little_by_ever_new_addresses() -> None:
    limits, guesses = LoginLimits(0.0), 0
    for number in range(1000):
        address = f"2001:db8:1:2::{number:x}"
        if granted(limits, [address]):
            limits.succeeded(address)
        guesses += granted(limits, [address] * 20)
    assert guesses <= PER_ADDRESS * (PER_ADDRESS + 1) / 2
    an_hour = 3600.0
    assert granted(limits, [f"2001:db8:1:2::{number:x}" for number in range(1000)] * 20, an_hour) <= (
        PER_ADDRESS * (MOST_OF_HOUSEHOLD + 1)
    )


def test_those_that_are_known_are_bounded() -> None:
    limits = LoginLimits(0.0)
    tracemalloc.start()
    for number in range(10_000):
        address = f"2001:db8:{number:x}::1"
        limits.claim(address, 2.0 * number)
        limits.succeeded(address)
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert held < 3_000_000


def test_ipv4_is_the_same_inside_ipv6() -> None:
    limits = LoginLimits(0.0)
    assert granted(limits, ["::ffff:10.0.0.9", "10.0.0.9"] * 20) == PER_ADDRESS


def test_waiting_helps() -> None:
    limits = LoginLimits(0.0)
    granted(limits, ["10.0.0.9"] * PER_ADDRESS)
    assert limits.claim("10.0.0.9", 1.0) == ADDRESS_REFILL_S - 1
    assert limits.claim("10.0.0.9", ADDRESS_REFILL_S) == 0
    assert limits.claim("10.0.0.9", ADDRESS_REFILL_S) > 0


def test_who_knows_one_password_may_not_guess_at_the_other_for_ever() -> None:
    limits = LoginLimits(0.0)
    guesses = 0
    for _ in range(1000):
        guesses += granted(limits, ["10.0.0.9"])
        if limits.claim("10.0.0.9", 0.0) == 0:
            limits.succeeded("10.0.0.9")
    assert guesses <= PER_ADDRESS


def test_a_clock_that_is_set_back_gives_nothing_away() -> None:
    limits = LoginLimits(1000.0)
    granted(limits, ["10.0.0.9"] * PER_ADDRESS, 1000.0)
    assert limits.claim("10.0.0.9", 0.0) > 0
