"""What stands and falls together ends whole, and leaves no error that nobody asks for."""

import asyncio
import errno
import gc

import pytest

from player.interfaces.front import tasks
from player.interfaces.front.tasks import end, first_end, run_loop


async def fails(word: str) -> None:
    raise OSError(word)


async def goes_on() -> None:
    await asyncio.Event().wait()


async def fails_at_its_end() -> None:
    try:
        await asyncio.Event().wait()
    finally:
        raise OSError("gone")


def test_the_first_error_is_told_and_the_others_are_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        error = await first_end([fails("one"), goes_on(), fails("two"), fails_at_its_end()])
        assert str(error) in ("one", "two")

    asyncio.run(scenario())
    gc.collect()
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("error", "is_said"),
    [
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), False),
        (EOFError(), False),
        (OSError(errno.EBADF, "Bad file descriptor"), False),
        (OSError(errno.EMFILE, "Too many open files"), True),
        (ValueError("a bug"), True),
    ],
)
def test_of_errors_that_nobody_waits_for_a_lost_connection_is_none(
    error: Exception, is_said: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        asyncio.get_running_loop().create_future().set_exception(error)

    run_loop(scenario())
    gc.collect()
    assert bool(caplog.messages) is is_said


def test_a_callback_that_finds_its_work_given_up_is_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    """As aiomqtt's, if the broker hangs up while the connection is given up."""

    async def scenario() -> None:
        given_up = asyncio.get_running_loop().create_future()
        given_up.cancel()
        asyncio.get_running_loop().call_soon(given_up.exception)
        await asyncio.sleep(0)

    run_loop(scenario())
    assert caplog.messages == []


def test_one_that_ends_by_itself_ends_all(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        assert await first_end([asyncio.sleep(0), goes_on(), fails_at_its_end()]) is None

    asyncio.run(scenario())
    gc.collect()
    assert caplog.messages == []


def test_whoever_is_cancelled_ends_its_work_first() -> None:
    ended = []

    async def work() -> None:
        try:
            await goes_on()
        finally:
            ended.append(True)

    async def scenario() -> None:
        doing = asyncio.ensure_future(first_end([work(), work()]))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await end([doing])
        assert doing.cancelled()

    asyncio.run(scenario())
    assert ended == [True, True]


def test_a_task_that_forgets_that_it_was_cancelled_is_cancelled_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As asyncio.wait_for does if what it waits for comes just then."""
    monkeypatch.setattr(tasks, "AGAIN_S", 0.01)
    forgotten = 0

    async def stubborn() -> None:
        nonlocal forgotten
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                forgotten += 1
                if forgotten > 1:
                    raise

    async def scenario() -> None:
        task = asyncio.ensure_future(stubborn())
        await asyncio.sleep(0)
        async with asyncio.timeout(30):
            await end([task])
        assert task.cancelled()

    asyncio.run(scenario())
    assert forgotten == 2
