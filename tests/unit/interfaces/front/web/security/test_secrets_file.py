import errno
import json
import os
import stat
import threading
from pathlib import Path

import pytest

from player.interfaces.command_table import Role
from player.interfaces.front.web.security.secrets_authenticator import new_credential
from player.interfaces.front.web.security.secrets_file import (
    MOST_SESSIONS,
    NAME,
    Secrets,
    SecretsError,
    SecretsFile,
    hash_of,
)
from player.privacy import private_files
from tests.unit.interfaces.front.web.security.conftest import HASHES


def test_there_is_nothing_before_anything_is_set(file: SecretsFile) -> None:
    assert file.read() == Secrets()


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o177])
def test_only_its_user_can_read_it(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        SecretsFile(tmp_path / NAME).change(lambda found: found.with_password(Role.OWNER, HASHES[Role.OWNER]))
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_rights_that_others_have_got_are_taken_again(file: SecretsFile, tmp_path: Path) -> None:
    file.change(lambda found: found.with_password(Role.OWNER, HASHES[Role.OWNER]))
    path = tmp_path / "state" / NAME
    path.chmod(0o644)
    file.read()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_another_process_has_written_holds_at_once(file: SecretsFile, tmp_path: Path) -> None:
    secret, session = new_credential(Role.STAFF, "phone", 5.0, 100.0)
    file.change(lambda found: found.with_session(session, 5.0))
    assert file.read().sessions == (session,)
    SecretsFile(tmp_path / "state" / NAME).change(lambda found: found.without_session(""))
    assert file.read().sessions == ()
    assert secret not in (tmp_path / "state" / NAME).read_text()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}x",
        '{"version": 2}',
        '{"passwords": {"owner": ""}}',
        '{"passwords": {"owner": "plain text"}}',
        '{"passwords": {"viewer": "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$A"}}',
        '{"sessions": [{"hash": "00"}]}',
        '{"sessions": null}',
        "[" * 100_000,
        "\0" * 50,
        "9" * 5000,
    ],
)
def test_a_damaged_file_lets_nobody_in(file: SecretsFile, tmp_path: Path, text: str) -> None:
    file.change(lambda found: found.with_password(Role.OWNER, HASHES[Role.OWNER]))
    path = tmp_path / "state" / NAME
    path.write_text(text)
    for _ in range(2):
        with pytest.raises(SecretsError, match="nobody gets in; set the passwords again"):
            file.read()
    with pytest.raises(SecretsError):
        file.change(lambda found: found)
    assert path.read_text() == text, "it is not overwritten by who only wanted to add something"
    assert file.set_aside().read_text() == text


@pytest.mark.parametrize("code", [errno.EMFILE, errno.EIO, errno.ESTALE])
def test_a_read_that_fails_once_locks_nobody_out(
    file: SecretsFile, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    file.change(lambda found: found.with_password(Role.OWNER, HASHES[Role.OWNER]))

    def fails(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patched:
        patched.setattr(private_files, "make_private", fails)
        with pytest.raises(SecretsError, match="nobody gets in"):
            file.read()
    assert set(file.read().passwords) == {Role.OWNER}


def test_a_file_cut_short_anywhere_is_damaged(file: SecretsFile, tmp_path: Path) -> None:
    file.change(lambda found: found.with_password(Role.OWNER, HASHES[Role.OWNER]))
    path = tmp_path / "state" / NAME
    whole = path.read_bytes()
    for length in range(0, len(whole.rstrip()), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(SecretsError):
            SecretsFile(path).read()


def test_what_is_wrong_with_it_does_not_repeat_it(file: SecretsFile, tmp_path: Path) -> None:
    file.change(lambda found: found)
    (tmp_path / "state").mkdir(exist_ok=True)
    (tmp_path / "state" / NAME).write_text('{"passwords": {"owner": "hunter22-hunter22"}}')
    with pytest.raises(SecretsError) as caught:
        file.read()
    assert "hunter22" not in str(caught.value)


def test_several_may_write_at_once(tmp_path: Path) -> None:
    def add(number: int) -> None:
        token = new_credential(Role.STAFF, f"program {number}", 0.0, None)[1]
        SecretsFile(tmp_path / NAME).change(lambda found: found.with_token(token))

    threads = [threading.Thread(target=add, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(SecretsFile(tmp_path / NAME).read().tokens) == 12


def test_a_new_password_ends_what_the_old_one_has_opened() -> None:
    owner, staff = (new_credential(role, "x", 0.0, 10.0)[1] for role in (Role.OWNER, Role.STAFF))
    both = Secrets().with_session(owner, 0.0).with_session(staff, 0.0)
    assert both.with_password(Role.OWNER, HASHES[Role.OWNER]).sessions == (staff,)


def test_there_are_never_more_sessions_than_a_house_needs() -> None:
    found = Secrets()
    for number in range(MOST_SESSIONS + 5):
        found = found.with_session(new_credential(Role.STAFF, "x", float(number), 1e6)[1], float(number))
    assert len(found.sessions) == MOST_SESSIONS
    assert min(one.created_s for one in found.sessions) == 5


def test_sessions_that_are_over_are_cleared_away() -> None:
    old, new = new_credential(Role.STAFF, "x", 0.0, 10.0)[1], new_credential(Role.STAFF, "y", 20.0, 10.0)[1]
    assert Secrets(sessions=(old,)).with_session(new, 20.0).sessions == (new,)


def test_a_file_of_another_kind_stays_in_place(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    with pytest.raises(SecretsError, match="nobody gets in"):
        SecretsFile(tmp_path / NAME).read()


def test_the_file_holds_hashes_alone(file: SecretsFile, tmp_path: Path) -> None:
    secret, token = new_credential(Role.OWNER, "door", 1.0, None)
    file.change(lambda found: found.with_token(token).with_password(Role.OWNER, HASHES[Role.OWNER]))
    held = json.loads((tmp_path / "state" / NAME).read_text())
    assert held["tokens"][0]["hash"] == hash_of(secret)
    assert held["passwords"]["owner"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert secret not in json.dumps(held)
