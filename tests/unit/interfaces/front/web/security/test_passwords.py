import asyncio
import threading
import unicodedata

import pytest

from player.interfaces.command_table import Role
from player.interfaces.front.web.security import passwords
from player.interfaces.front.web.security.passwords import MOST_WAITING, PasswordCheck, PasswordError
from player.interfaces.front.web.security.refusal import Problem
from tests.unit.interfaces.front.web.security.conftest import HASHES, PASSWORDS


def test_the_right_one_matches() -> None:
    assert passwords.matches(HASHES[Role.OWNER], PASSWORDS[Role.OWNER])
    assert not passwords.matches(HASHES[Role.OWNER], PASSWORDS[Role.STAFF])
    assert not passwords.matches(HASHES[Role.OWNER], "")


def test_without_a_hash_nothing_matches_not_even_what_its_stand_in_was_made_of() -> None:
    assert not passwords.matches(None, "nobody's password")
    assert not passwords.matches("$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA", "x")


def test_the_same_letters_match_however_a_keyboard_writes_them() -> None:
    text = "한국어 비밀번호 café"
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert composed != decomposed
    assert passwords.matches(passwords.hashed(composed), decomposed)


@pytest.mark.parametrize("password", ["", "1234567", "한글", "x" * 1001, "line\nbreak", "null\0null"])
def test_what_is_no_password_is_refused_in_a_sentence_that_does_not_repeat_it(password: str) -> None:
    with pytest.raises(PasswordError) as caught:
        passwords.hashed(password)
    assert str(caught.value).startswith("a password has")
    assert not password or password not in str(caught.value)


def test_one_is_checked_at_a_time_and_few_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on, busy, most = threading.Event(), threading.Semaphore(1), []

    def slow(hash_text: str | None, password: str) -> bool:
        most.append(busy.acquire(blocking=False))
        go_on.wait(10)
        busy.release()
        return True

    monkeypatch.setattr(passwords, "matches", slow)

    async def flood() -> list[object]:
        check = PasswordCheck()
        tries = [asyncio.create_task(check.matches(None, "x")) for _ in range(1000)]
        await asyncio.sleep(0)  # all of them have begun
        await asyncio.sleep(0)
        go_on.set()
        return await asyncio.gather(*tries, return_exceptions=True)

    answers = asyncio.run(flood())
    assert answers.count(True) == MOST_WAITING
    refused = [answer for answer in answers if isinstance(answer, Problem)]
    assert len(refused) == 1000 - MOST_WAITING
    assert {(one.status, one.code) for one in refused} == {(503, "busy")}
    assert all(most), "never two at once"
