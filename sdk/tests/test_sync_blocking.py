import asyncio
from collections.abc import AsyncIterator
from typing import Self

import pytest

from tolmach.errors import LocalProtocolError
from tolmach.sync import Blocking


class Users:
    __module__ = "tolmach.stub"

    async def get(self, number: int) -> str:
        await asyncio.sleep(0)
        return f"user {number}"

    async def list(self) -> AsyncIterator[str]:
        for number in range(3):
            yield await self.get(number)


class Client:
    __module__ = "tolmach.stub"

    def __init__(self, log: list[str]) -> None:
        asyncio.get_running_loop()
        self.log = log
        self.users = Users()
        self.url = "https://a"

    async def __aenter__(self) -> Self:
        self.log.append("in")
        return self

    async def __aexit__(self, *_: object) -> None:
        self.log.append("out")

    def plain(self) -> str:
        return "plain"

    async def watch(self) -> AsyncIterator[int]:
        try:
            for number in range(9):
                yield number
        finally:
            await asyncio.sleep(0)
            self.log.append("left")

    async def fail(self) -> None:
        raise LookupError("nothing")


def test_calls_wait_and_iterators_are_plain():
    log: list[str] = []
    with Blocking(lambda: Client(log)) as client:
        assert client.users.get(7) == "user 7"
        assert list(client.users.list()) == ["user 0", "user 1", "user 2"]
        assert (client.url, client.plain()) == ("https://a", "plain")
        with pytest.raises(LookupError, match="nothing"):
            client.fail()
        with pytest.raises(AttributeError):
            client.nonsense  # noqa: B018
    assert log == ["in", "out"]


def test_a_constructor_that_fails_leaves_no_thread():
    def fail() -> Client:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        Blocking(fail)


def test_an_iterator_may_be_left_early():
    with Blocking(lambda: Client([])) as client:
        for user in client.users.list():
            assert user == "user 0"
            break


def test_an_iterator_that_is_left_early_is_ended():
    log: list[str] = []
    with Blocking(lambda: Client(log)) as client:
        for number in client.watch():
            if number == 2:
                break
        assert log == ["in", "left"]
        kept = client.watch()
        assert next(kept) == 0
    kept.close()
    assert log == ["in", "left", "out", "left"]


def test_a_closed_client_says_so():
    with Blocking(lambda: Client([])) as client:
        pass
    with pytest.raises(LocalProtocolError, match="closed"):
        client.plain()
