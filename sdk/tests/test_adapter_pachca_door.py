"""Webhooks at the door: who is let in, what is acknowledged, what comes once."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from tolmach.adapters.pachca import PachcaPlatform
from tolmach.adapters.pachca_door import Door, Doors
from tolmach.adapters.pachca_feed import Feed
from tolmach.clock import SystemClock
from tolmach.errors import ConfigError, Unauthorized
from tolmach.pachca import FileInbox, Pachca
from tolmach.pachca.events import Event, MessageNew

SECRET = "the signing secret"


def body(message_id: int, *, age: float = 0.0) -> bytes:
    return json.dumps(
        {
            "type": "message",
            "event": "new",
            "id": message_id,
            "entity_type": "discussion",
            "entity_id": 7,
            "chat_id": 7,
            "content": f"number {message_id}",
            "user_id": 3,
            "created_at": "2025-05-15T14:30:00.000Z",
            "url": "https://app.pachca.com/chats/7?message=1",
            "parent_message_id": None,
            "thread": None,
            "webhook_timestamp": int(SystemClock().now() - age),
        }
    ).encode()


def sign(text: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


class Letterbox:
    """A feed behind an open door, and what came in."""

    def __init__(self, pachca: Pachca, doors: Doors, inbox: FileInbox | None = None) -> None:
        self.feed = Feed(pachca, SystemClock(), SECRET, inbox)
        self.door: Door = doors.claim("127.0.0.1", 0, "/in")
        self.session = aiohttp.ClientSession()

    async def deliver(self, text: bytes, signature: str | None = None, *, path: str = "/in") -> int:
        url = f"http://127.0.0.1:{self.door.port}{path}"
        headers = {"pachca-signature": sign(text) if signature is None else signature}
        async with self.session.post(url, data=text, headers=headers) as answer:
            return answer.status

    async def taken(self) -> list[Event]:
        self.feed.end()
        return [event async for event in self.feed.events()]


@asynccontextmanager
async def open_letterbox(inbox: FileInbox | None = None) -> AsyncIterator[Letterbox]:
    doors = Doors()
    async with Pachca("token") as pachca:
        box = Letterbox(pachca, doors, inbox)
        await box.door.open(box.feed.handle)
        try:
            yield box
        finally:
            await box.session.close()
            await box.feed.aclose()
            await doors.aclose()


@pytest.fixture
async def letterbox() -> AsyncIterator[Letterbox]:
    async with open_letterbox() as box:
        yield box


async def test_a_signed_delivery_is_acknowledged_and_taken(letterbox: Letterbox) -> None:
    assert await letterbox.deliver(body(1)) == 200
    await asyncio.sleep(0)
    (event,) = await letterbox.taken()
    assert isinstance(event, MessageNew)
    assert event.content == "number 1"


@pytest.mark.parametrize("signature", ["", "0" * 64, sign(body(1), "another secret"), "\u00e4"])
async def test_a_forged_delivery_is_refused(letterbox: Letterbox, signature: str) -> None:
    assert await letterbox.deliver(body(1), signature.encode().decode("latin-1")) == 401
    assert await letterbox.taken() == []


async def test_an_old_delivery_is_refused(letterbox: Letterbox) -> None:
    assert await letterbox.deliver(body(1, age=61)) == 401
    assert await letterbox.deliver(body(2, age=30)) == 200
    assert [getattr(event, "id", None) for event in await letterbox.taken()] == [2]


async def test_the_same_delivery_is_taken_once(letterbox: Letterbox) -> None:
    text = body(1)
    assert [await letterbox.deliver(text) for _ in range(3)] == [200, 200, 200]
    assert len(await letterbox.taken()) == 1


@pytest.mark.parametrize("text", [b"this is not JSON {", b"[]", b"null", b'{"type":"message","event":"new"}'])
async def test_nonsense_with_a_good_signature_is_refused_and_survived(
    letterbox: Letterbox, text: bytes
) -> None:
    assert await letterbox.deliver(text) in {400, 401}
    assert await letterbox.deliver(body(1)) == 200
    assert len(await letterbox.taken()) == 1


async def test_nobody_lives_at_another_path(letterbox: Letterbox) -> None:
    assert await letterbox.deliver(body(1), path="/out") == 404
    assert await letterbox.taken() == []


async def test_after_the_end_deliveries_are_acknowledged_and_dropped(letterbox: Letterbox) -> None:
    letterbox.feed.fail(Unauthorized("the token is dead", status=401))
    assert await letterbox.deliver(body(1)) == 200
    with pytest.raises(Unauthorized):
        await letterbox.taken()


async def test_a_feed_that_closes_takes_nothing_more(letterbox: Letterbox) -> None:
    letterbox.feed.end()
    assert await letterbox.deliver(body(1)) == 503
    assert await letterbox.taken() == []


async def test_what_was_acknowledged_and_not_settled_comes_again(tmp_path: Path) -> None:
    file = FileInbox(tmp_path / "inbox.db", account="default")
    async with open_letterbox(file) as box:
        for number in (1, 2, 3):
            assert await box.deliver(body(number)) == 200
        first, _, third = await box.taken()
        await box.feed.settle(first)
        await box.feed.settle(third)
    file.close()
    async with Pachca("token") as pachca:
        feed = Feed(pachca, SystemClock(), SECRET, FileInbox(tmp_path / "inbox.db", account="default"))
        other = Feed(pachca, SystemClock(), SECRET, FileInbox(tmp_path / "inbox.db", account="second"))
        for one in (feed, other):
            await one.start()
            await one.join()
            one.end()
        assert [getattr(event, "id", None) async for event in feed.events()] == [2]
        assert [event async for event in other.events()] == []
        await feed.aclose()
        await other.aclose()


async def test_a_dead_token_leaves_nothing_in_the_inbox(tmp_path: Path) -> None:
    file = FileInbox(tmp_path / "inbox.db", account="default")
    async with open_letterbox(file) as box:
        box.feed.fail(Unauthorized("the token is dead", status=401))
        assert await box.deliver(body(1)) == 200
        await box.feed.aclose()
        assert await file.pending() == ()
    file.close()


async def test_two_accounts_cannot_have_one_path() -> None:
    doors = Doors()
    doors.claim("127.0.0.1", 3458, "/in")
    doors.claim("127.0.0.1", 3458, "/other")
    with pytest.raises(ConfigError, match="another account receives"):
        doors.claim("127.0.0.1", 3458, "/in")


async def test_a_port_that_is_taken_is_told() -> None:
    first, second = Doors(), Doors()

    async def never(_: object) -> web.Response:
        raise AssertionError

    one = first.claim("127.0.0.1", 0, "/in")
    await one.open(never)
    try:
        with pytest.raises(ConfigError, match="cannot be listened on: address already in use"):
            await second.claim("127.0.0.1", one.port, "/in").open(never)
    finally:
        await first.aclose()
        await second.aclose()


async def test_a_token_that_died_in_a_call_leaves_the_door_acknowledging(tmp_path: Path) -> None:
    doors = Doors()
    door = doors.claim("127.0.0.1", 0, "/in")
    async with Pachca("token") as pachca, aiohttp.ClientSession() as session:
        inbox = FileInbox(tmp_path / "inbox.db")
        platform = PachcaPlatform(pachca, door=door, secret=SECRET, inbox=inbox)
        await door.open(platform._feed.handle)
        assert pachca.http.on_unauthorized
        pachca.http.on_unauthorized(Unauthorized("the token is dead", status=401))
        await platform.aclose()
        text, url = body(1), f"http://127.0.0.1:{door.port}/in"
        async with session.post(url, data=text, headers={"pachca-signature": sign(text)}) as answer:
            assert answer.status == 200
        assert await inbox.pending() == ()
        inbox.close()
    await doors.aclose()


async def test_a_stored_delivery_that_makes_no_sense_is_left_out_for_good(tmp_path: Path) -> None:
    inbox = FileInbox(tmp_path / "inbox.db")
    await inbox.append("nonsense", b"{}")
    async with Pachca("token") as pachca:
        await Feed(pachca, SystemClock(), SECRET, inbox).start()
    assert await inbox.pending() == ()
    inbox.close()
