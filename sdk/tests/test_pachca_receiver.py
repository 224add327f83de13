"""The route: verified, stored, answered, and only then handled."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tolmach.errors import ConfigError
from tolmach.pachca import (
    SOURCE_ADDRESSES,
    ButtonPressed,
    FileInbox,
    FormSubmitted,
    MessageEvent,
    MessageNew,
    Receiver,
    sign,
)
from tolmach.pachca.guard import DuplicateGuard

SECRET = "signing-secret"


class Now:
    def __init__(self) -> None:
        self.at = 1_747_319_400.0

    def now(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


def message(number: int, chat: int = 334) -> bytes:
    return json.dumps(
        {
            "type": "message",
            "id": number,
            "event": "new",
            "entity_type": "discussion",
            "entity_id": chat,
            "content": "Hi",
            "user_id": 12,
            "created_at": "2025-05-15T14:30:00.000Z",
            "url": "https://app.pachca.com",
            "chat_id": chat,
            "webhook_timestamp": 1_747_319_400,
        }
    ).encode()


CLICK = (
    b'{"type":"button","event":"click","message_id":1,"trigger_id":"t","data":"d","user_id":2,"chat_id":334,'
    b'"webhook_timestamp":1747319400}'
)


def form(submit_id: str = "s") -> bytes:
    return (
        '{"type":"view","event":"submit","callback_id":"order","private_metadata":null,"chat_id":1,"user_id":2,'
        f'"view_id":"v","submit_id":"{submit_id}","data":{{"what":""}},"webhook_timestamp":1747319400}}'
    ).encode()


class Sender:
    """Deliver as the platform does."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session

    async def __call__(self, body: bytes, secret: str = SECRET) -> tuple[int, str]:
        headers = {"pachca-signature": sign(body, secret), "content-type": "application/json"}
        async with self.session.post(self.url, data=body, headers=headers) as answer:
            return answer.status, await answer.text()


@asynccontextmanager
async def serving(receiver: Receiver) -> AsyncIterator[Sender]:
    app = web.Application()
    app.router.add_post("/pachca", receiver)
    app.cleanup_ctx.append(receiver.lifespan)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        yield Sender(str(server.make_url("/pachca")), session)


async def test_a_delivery_is_answered_before_it_is_handled():
    receiver = Receiver(SECRET, clock=Now())
    gate, heard = asyncio.Event(), list[int]()

    @receiver.on(MessageNew)
    async def slow(event: MessageNew) -> None:
        await gate.wait()
        heard.append(event.id)

    async with serving(receiver) as deliver:
        assert await deliver(message(1)) == (200, "ok")
        assert heard == []
        gate.set()
        await receiver.join()
        assert heard == [1]


async def test_a_replay_is_answered_and_dropped():
    receiver = Receiver(SECRET, clock=Now())
    heard = list[int]()

    @receiver.on(MessageEvent)
    async def hear(event: MessageEvent) -> None:
        heard.append(event.id)

    async with serving(receiver) as deliver:
        assert [await deliver(message(1)) for _ in range(3)] == [(200, "ok")] * 3
        await receiver.join()
    assert heard == [1]


async def test_forged_stale_and_senseless_deliveries_are_refused():
    clock = Now()
    receiver = Receiver(SECRET, clock=clock)
    async with serving(receiver) as deliver:
        assert await deliver(message(1), secret="guessed") == (401, "signature")
        assert await deliver(b"{}") == (400, "malformed")
        clock.at += 61
        assert await deliver(message(1)) == (401, "stale")


async def test_other_addresses_are_refused_when_asked_for():
    receiver = Receiver(SECRET, clock=Now(), sources={"37.200.70.177"})
    async with serving(receiver) as deliver:
        assert await deliver(message(1)) == (403, "source")
    for number, address in enumerate(("37.200.70.177", "::ffff:37.200.70.177"), 1):
        behind = Receiver(
            SECRET,
            clock=Now(),
            sources=SOURCE_ADDRESSES,
            address_of=lambda request, address=address: address,  # type: ignore[misc]
        )
        async with serving(behind) as deliver:
            assert await deliver(message(number)) == (200, "ok")


async def test_a_chat_is_in_order_and_a_click_waits_for_nobody():
    receiver = Receiver(SECRET, clock=Now())
    gate, heard = asyncio.Event(), list[str]()

    @receiver.on(MessageNew)
    async def slow(event: MessageNew) -> None:
        if event.id == 1:
            await gate.wait()
        heard.append(f"{event.chat_id}/{event.id}")

    @receiver.on(ButtonPressed)
    async def pressed(event: ButtonPressed) -> None:
        heard.append(event.trigger_id)
        if len(heard) == 2:
            gate.set()

    async with serving(receiver) as deliver:
        for body in (message(1), message(2), message(3, chat=335), CLICK):
            await deliver(body)
        await receiver.join()
    assert heard == ["335/3", "t", "334/1", "334/2"]


async def test_a_handler_that_fails_is_logged_and_the_next_event_is_handled(caplog: pytest.LogCaptureFixture):
    receiver = Receiver(SECRET, clock=Now())
    heard = list[int]()

    @receiver.on(MessageNew)
    async def hear(event: MessageNew) -> None:
        if event.id == 1:
            raise LookupError("no such thing")
        heard.append(event.id)

    async with serving(receiver) as deliver:
        await deliver(message(1))
        await deliver(message(2))
        await receiver.join()
    assert heard == [2]
    assert "no such thing" in caplog.text


async def test_a_form_is_answered_with_its_errors_or_closed():
    receiver = Receiver(SECRET, clock=Now())

    @receiver.on(FormSubmitted)
    async def check(event: FormSubmitted) -> dict[str, str] | None:
        return {"what": "is empty" + "!" * 3000} if event.submit_id == "bad" else None

    async with serving(receiver) as deliver:
        status, text = await deliver(form("bad"))
        assert status == 400
        assert json.loads(text)["errors"]["what"].startswith("is empty!")
        assert len(json.loads(text)["errors"]["what"]) == 2000
        assert await deliver(form("good")) == (200, "ok")


async def test_a_form_that_comes_twice_is_handled_once_and_answered_alike():
    receiver = Receiver(SECRET, clock=Now())
    heard = list[str]()

    @receiver.on(FormSubmitted)
    async def check(event: FormSubmitted) -> dict[str, str]:
        heard.append(event.submit_id)
        return {"what": "no"}

    async with serving(receiver) as deliver:
        assert await deliver(form()) == await deliver(form())
    assert heard == ["s"]


async def test_a_form_whose_handler_fails_or_hangs_shows_an_error():
    receiver = Receiver(SECRET, clock=Now(), form_time=0.01)

    @receiver.on(FormSubmitted)
    async def check(event: FormSubmitted) -> None:
        if event.submit_id == "hang":
            await asyncio.Event().wait()
        raise LookupError

    async with serving(receiver) as deliver:
        assert (await deliver(form("hang")))[0] == 504
        assert (await deliver(form("fail")))[0] == 500


async def test_what_was_stored_and_not_handled_is_handled_after_a_restart(tmp_path: Path):
    path = tmp_path / "inbox"
    first = Receiver(SECRET, clock=Now(), inbox=FileInbox(path))
    started = asyncio.Event()

    @first.on(MessageNew)
    async def hang(event: MessageNew) -> None:
        if event.id == 2:
            started.set()
            await asyncio.Event().wait()

    for number in (1, 2):
        answer = await first.take(message(number), sign(message(number), SECRET))
        assert answer.status == 200
    await started.wait()
    await first.aclose(grace=0)
    with path.open("ab") as file:
        file.write(b'\n{"key": "half a li')

    second = Receiver(SECRET, clock=Now(), inbox=FileInbox(path))
    heard = list[int]()

    @second.on(MessageNew)
    async def hear(event: MessageNew) -> None:
        heard.append(event.id)

    async with serving(second) as deliver:
        await second.join()
        assert heard == [2]
        # The memory of what was handled outlives the process as well.
        assert [await deliver(message(1)), await deliver(message(2))] == [(200, "ok")] * 2
        await second.join()
    assert heard == [2]
    assert await FileInbox(path).pending() == ()


class Full:
    async def append(self, key: str, body: bytes) -> bool:
        raise OSError("no space left")

    async def done(self, key: str) -> None:
        raise AssertionError

    async def pending(self) -> list[tuple[str, bytes]]:
        return []


async def test_what_cannot_be_stored_is_not_acknowledged():
    receiver = Receiver(SECRET, clock=Now(), inbox=Full())
    async with serving(receiver) as deliver:
        assert (await deliver(message(1)))[0] == 500


class Slow(Full):
    """Decide when told to: the first delivery fails, later ones are stored."""

    def __init__(self) -> None:
        self.asked, self.go = asyncio.Event(), asyncio.Event()
        self.appended = 0
        self.finished = list[str]()

    async def append(self, key: str, body: bytes) -> bool:
        self.appended += 1
        self.asked.set()
        await self.go.wait()
        if self.appended == 1:
            raise OSError("no space left")
        return True

    async def done(self, key: str) -> None:
        self.finished.append(key)


async def test_a_double_that_comes_while_the_first_is_stored_is_answered_like_it():
    inbox = Slow()
    receiver = Receiver(SECRET, clock=Now(), inbox=inbox)
    async with serving(receiver) as deliver, asyncio.TaskGroup() as group:
        body = message(1)
        first = group.create_task(deliver(body))
        await inbox.asked.wait()
        double = asyncio.ensure_future(receiver.take(body, sign(body, SECRET)))
        await asyncio.sleep(0)
        assert not double.done()
        inbox.go.set()
        assert (await first)[0] == 500
        with pytest.raises(OSError, match="no space"):
            await double
        # Nothing of it is remembered: the sender's next try is the first one.
        assert [await deliver(body), await deliver(body)] == [(200, "ok")] * 2
        await receiver.join()
    assert (inbox.appended, len(inbox.finished)) == (2, 1)


async def test_a_sender_that_hangs_up_costs_no_delivery():
    inbox = Slow()
    inbox.appended = 1
    receiver = Receiver(SECRET, clock=Now(), inbox=inbox)
    body = message(1)
    taking = asyncio.ensure_future(receiver.take(body, sign(body, SECRET)))
    await inbox.asked.wait()
    taking.cancel()
    inbox.go.set()
    await receiver.aclose()
    assert len(inbox.finished) == 1


def test_an_empty_secret_is_refused():
    with pytest.raises(ConfigError):
        Receiver("")


def test_a_guard_forgets_by_time_and_number():
    guard = DuplicateGuard(seconds=10, capacity=2)
    assert [guard.first("a", 0), guard.first("a", 5), guard.first("a", 11)] == [True, False, True]
    assert [guard.first("b", 11), guard.first("c", 11), guard.first("a", 11)] == [True, True, True]
