"""Carry webhooks to bots in the background.

What it is for: signature, timeouts, retries of failed connections, faults, the journal. What it
must not do: choose receivers. Deliveries of one bot about one chat keep their order; every time
limit hangs on the fakes' clock.
Source: https://dev.pachca.com/guides/webhook
"""

import asyncio
import hmac
import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, cast

import aiohttp

from tolmach_mockservers.contract import contract_for
from tolmach_mockservers.faults import Do
from tolmach_mockservers.kernel import Kernel
from tolmach_mockservers.pachca.model import User
from tolmach_mockservers.pachca.wire import Json, dump

__all__ = ["Delivered", "Delivery", "form_errors", "sign"]

_FAKE: Final = "pachca"
_ORDINARY: Final = 5.0
_CLICK: Final = 30.0
_FORM: Final = 3.0
_PAUSES: Final = (1.0, 2.0, 4.0)
"""Seconds before each further try after a connection that could not be made."""
_SWAP_WITHIN: Final = 1.0
_REMEMBERED: Final = 10_000


def sign(secret: str, body: bytes) -> str:
    """Return the header ``pachca-signature`` of a body."""
    return hmac.digest(secret.encode(), body, "sha256").hex()


@dataclass(slots=True)
class Delivered:
    """Say how a delivery ended: "answered", "timeout", "unreachable", "cut" or "lost"."""

    outcome: str
    status: int | None = None
    body: bytes = b""


@dataclass(slots=True)
class _Parcel:
    bot_id: int
    url: str
    secret: str | None
    operation: str
    payload: Json
    seconds: float
    on_handed: Callable[[], object]
    body: bytes = b""
    done: asyncio.Future[Delivered] | None = None


@dataclass(slots=True, eq=False)
class _Lane:
    waiting: list[_Parcel] = field(default_factory=list[_Parcel])
    held: _Parcel | None = None


class Delivery:
    """Send payloads; `aclose` ends what is under way."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._contract = contract_for(kernel, _FAKE)
        self._session: aiohttp.ClientSession | None = None
        self._lanes: dict[tuple[object, ...], _Lane] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.sent: deque[Json] = deque(maxlen=_REMEMBERED)

    def send(self, bot: User, operation: str, payload: Json, on_handed: Callable[[], object]) -> None:
        """Send a payload to a bot's URL, after what goes there about the same chat."""
        if bot.bot is None or not bot.bot.outgoing_url:
            return
        click = operation == "button.click"
        parcel = _Parcel(
            bot.id,
            bot.bot.outgoing_url,
            bot.bot.secret,
            operation,
            payload,
            _CLICK if click else _ORDINARY,
            on_handed,
        )
        self._enqueue((bot.id, payload.get("trigger_id") if click else payload.get("chat_id")), parcel)

    def check(self, operation: str, payload: Json, bot: User) -> None:
        """Record a payload that is not as the platform writes it; one made by hand may be anything."""
        self._contract.webhook(operation, payload, actor=str(bot.id))

    async def submit(self, bot: User, payload: Json) -> Delivered:
        """Send a form's submission and wait for the answer."""
        assert bot.bot is not None
        assert bot.bot.outgoing_url is not None
        done: asyncio.Future[Delivered] = asyncio.get_running_loop().create_future()
        parcel = _Parcel(
            bot.id, bot.bot.outgoing_url, bot.bot.secret, "view.submit", payload, _FORM, _nothing, done=done
        )
        self._enqueue((bot.id, payload.get("submit_id")), parcel)
        return await done

    def notify(self, url: str, operation: str, payload: Json, user_id: int) -> None:
        """Send a notice without a signature, as an export's."""
        self._enqueue((url,), _Parcel(user_id, url, None, operation, payload, _ORDINARY, _nothing))

    def forget(self) -> None:
        """Drop what is waiting or under way."""
        for task in self._tasks:
            task.cancel()
        self._lanes.clear()
        self.sent.clear()

    async def aclose(self) -> None:
        """End every delivery."""
        tasks = list(self._tasks)
        self.forget()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _enqueue(self, key: tuple[object, ...], parcel: _Parcel) -> None:
        lane = self._lanes.get(key)
        if lane is not None:
            lane.waiting.append(parcel)
            return
        lane = self._lanes[key] = _Lane([parcel])
        task = asyncio.get_running_loop().create_task(self._run(key, lane))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, key: tuple[object, ...], lane: _Lane) -> None:
        try:
            while lane.waiting or lane.held is not None:
                if not lane.waiting:
                    # A parcel that was to change places with the next one goes alone after a while.
                    await self._kernel.clock.sleep(_SWAP_WITHIN)
                    late = None if lane.waiting else lane.held
                    if late is not None:
                        lane.held = None
                        await self._deliver(late, None)
                    continue
                parcel = lane.waiting.pop(0)
                ended = await self._with_faults(parcel, lane)
                if parcel.done is not None and not parcel.done.done():
                    parcel.done.set_result(ended)
                swapped = lane.held
                if swapped is not None and swapped is not parcel:
                    lane.held = None
                    await self._deliver(swapped, None)
        finally:
            if self._lanes.get(key) is lane:
                del self._lanes[key]
            for parcel in lane.waiting:
                if parcel.done is not None and not parcel.done.done():
                    parcel.done.set_result(Delivered("lost"))

    async def _with_faults(self, parcel: _Parcel, lane: _Lane) -> Delivered:
        do = self._kernel.faults.take(
            _FAKE,
            operation=parcel.operation,
            actor=str(parcel.bot_id),
            room_id=_text(parcel.payload.get("chat_id")),
            direction="out",
            text=_text(parcel.payload.get("content")),
        )
        match None if do is None else do.kind:
            case "lose":
                return Delivered("lost")
            case "reorder":
                lane.held = parcel
                return Delivered("lost")
            case "duplicate":
                await self._deliver(parcel, None)
            case "delay":
                assert do is not None
                await self._kernel.clock.sleep(do.seconds)
            case "strip":
                assert do is not None
                parcel.payload = {name: value for name, value in parcel.payload.items() if name != do.field}
            case "garbage":
                assert do is not None
                parcel.body = do.text.encode()
            case _:
                pass
        return await self._deliver(parcel, do)

    async def _deliver(self, parcel: _Parcel, do: Do | None) -> Delivered:
        body = parcel.body or dump(parcel.payload)
        refused = do is not None and do.kind == "cut_before"
        ended = Delivered("unreachable")
        for attempt in range(1, 2 + len(_PAUSES)):
            started = self._kernel.clock.now()
            if not (refused and attempt == 1):
                ended = await self._attempt(parcel, body, attempt)
            self._write_down(parcel, body, attempt, ended, self._kernel.clock.now() - started)
            if ended.outcome != "unreachable" or attempt > len(_PAUSES):
                break
            await self._kernel.clock.sleep(_PAUSES[attempt - 1])
        return ended

    async def _attempt(self, parcel: _Parcel, body: bytes, attempt: int) -> Delivered:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(), connector=aiohttp.TCPConnector(limit=0, force_close=True)
            )
        headers = {"content-type": "application/json", "user-agent": "Faraday v2.12.2"}
        if parcel.secret is not None:
            headers["pachca-signature"] = sign(parcel.secret, body)
        if attempt == 1:
            parcel.on_handed()
        request = asyncio.ensure_future(self._post(parcel.url, body, headers))
        limit = asyncio.ensure_future(self._kernel.clock.sleep(parcel.seconds))
        try:
            await asyncio.wait({request, limit}, return_when=asyncio.FIRST_COMPLETED)
            return request.result() if request.done() else Delivered("timeout")
        finally:
            for each in (request, limit):
                each.cancel()
            await asyncio.gather(request, limit, return_exceptions=True)

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Delivered:
        assert self._session is not None
        try:
            async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
                return Delivered("answered", answer.status, await answer.content.read(1 << 20))
        except (aiohttp.ClientConnectorError, aiohttp.InvalidURL):
            return Delivered("unreachable")
        except (aiohttp.ClientError, OSError):
            # The connection stood and broke: whatever was done, nothing is sent again.
            return Delivered("cut")

    def _write_down(
        self, parcel: _Parcel, body: bytes, attempt: int, ended: Delivered, seconds: float
    ) -> None:
        detail: Json = {
            "bot_id": parcel.bot_id,
            "url": parcel.url,
            "attempt": attempt,
            "outcome": ended.outcome,
            "seconds": int(seconds),
            "body": parcel.payload if not parcel.body else body.decode("utf-8", "replace"),
            "response": ended.body.decode("utf-8", "replace")[:2000],
        }
        thread = parcel.payload.get("thread")
        where = cast("Json", thread) if isinstance(thread, dict) else {}
        self._kernel.journal.record(
            fake=_FAKE,
            kind="webhook.out",
            actor=str(parcel.bot_id),
            room_id=_text(where.get("message_chat_id") or parcel.payload.get("chat_id")),
            thread_id=_text(where.get("message_id")),
            operation=parcel.operation,
            status=ended.status,
            text=_text(parcel.payload.get("content")),
            detail=detail,
        )
        self.sent.append({"operation": parcel.operation, "status": ended.status, **detail})


def _nothing() -> None:
    pass


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def form_errors(ended: Delivered) -> dict[str, str] | None:
    """Return the field errors of an answer to a form, None when it is none."""
    if ended.status != 400:
        return None
    try:
        given = json.loads(ended.body)
    except ValueError:
        return None
    errors = cast("Json", given).get("errors") if isinstance(given, dict) else None
    if not isinstance(errors, dict) or not errors:
        return None
    return {str(name): str(text)[:2000] for name, text in cast("Json", errors).items()}
