"""A reload that is asked for during another one, and one that comes too late."""

import threading
from typing import cast

import pytest

from player.components import Components
from player.config.settings import Config
from player.errors import ConfigError, ControlError
from player.reload import Reloader
from tests.support.waiting import wait_for


def test_who_asks_during_a_reload_gets_another_one_and_none_after_the_end() -> None:
    begun: list[int] = []
    go_on = threading.Semaphore(0)

    def reread() -> Config:
        begun.append(1)
        go_on.acquire()
        raise ConfigError(["a mistake"])

    reloader = Reloader(cast(Components, None), Config(), reread)
    reloader.soon()  # before it has started
    reloader.start()
    wait_for(lambda: len(begun) == 1, 10, "the first reload")
    reloader.soon()
    reloader.soon()
    go_on.release()
    wait_for(lambda: len(begun) == 2, 10, "another reload")
    reloader.soon()
    reloader.stop()
    go_on.release()
    with pytest.raises(ControlError, match="stopping"):
        reloader.reload()
    assert len(begun) == 2
