"""Defects in what is let in by the door for deliveries, and when it is acknowledged.

All of them are judged on the platform that makes deliveries.
"""

import asyncio
from collections import defaultdict
from typing import Any

from aiohttp import web

from mutants.mutant import Function, Mutant, always, mutant

FEED = "tolmach.adapters.pachca_feed:Feed"
PLATFORM = "pachca"


class _AfterTheWork:
    """A delivery is answered when what it brought is dealt with, at the latest after two seconds.

    Without a bound nothing would be said of later messages: deliveries about one chat wait for each other,
    so that rows fail by luck.
    """

    def __init__(self, status: int | None = None) -> None:
        self._status = status
        self._changed: defaultdict[int, asyncio.Event] = defaultdict(asyncio.Event)

    def handle(self, original: Function) -> Function:
        async def handle(feed: Any, request: Any) -> Any:
            from tolmach.pachca.events import decode, event_key, parse_event

            answer = await original(feed, request)
            if answer.status != 200:
                return answer
            key = event_key(parse_event(decode(await request.read())))
            # The receiver hands over to a task of its own, which comes first.
            await asyncio.sleep(0)
            try:
                async with asyncio.timeout(2.0):
                    while key in feed._open and not feed._ended:
                        await self._changed[id(feed)].wait()
            except TimeoutError:
                if self._status is not None:
                    return web.Response(status=self._status)
            return answer

        return handle

    def settle(self, original: Function) -> Function:
        async def settle(feed: Any, event: Any) -> None:
            await original(feed, event)
            self._changed.pop(id(feed), asyncio.Event()).set()

        return settle


def _hears_again(original: Function) -> Function:
    def has(self: Any, key: str, now: float) -> bool:
        # Where the bot has spoken is no delivery, and is remembered for ever.
        return self._ttl is None and bool(original(self, key, now))

    return has


def _a_room_of_its_own(_original: Function) -> Function:
    async def in_thread(self: Any, told: Any) -> Any:
        root = told.thread
        found = (root.message_id, root.message_chat_id) if root else (None, None)
        return await self._places.in_thread(told.entity_id, told.chat_id, *found)

    return in_thread


def _at_room_level_then(original: Function) -> Function:
    async def in_thread(self: Any, told: Any) -> Any:
        from tolmach.errors import NotFound

        try:
            return await original(self, told)
        except NotFound:
            document = await self._pachca.messages.get(told.id)
            return await self._places.in_chat(document.root_chat_id)

    return in_thread


def _first_come_last_served(_original: Function) -> Function:
    def claim(self: Any, path: str) -> Any:
        from tolmach.adapters.pachca_door import Door

        self._doors[path] = Door(self, path)
        return self._doors[path]

    return claim


def _gives_no_reason(original: Function) -> Function:
    def claim(self: Any, path: str) -> Any:
        from tolmach.errors import ConfigError

        try:
            return original(self, path)
        except ConfigError:
            raise ConfigError("this does not work") from None

    return claim


def _shows_what_it_refused(original: Function) -> Function:
    async def take(self: Any, body: bytes, signature: str | None) -> Any:
        answer = await original(self, body, signature)
        if answer.status == 401:
            print(f"refused: {body.decode()}")
        return answer

    return take


_late, _in_vain = _AfterTheWork(), _AfterTheWork(504)

MUTANTS: tuple[Mutant, ...] = (
    mutant(
        "acknowledged-late",
        "a delivery is acknowledged two seconds later if its turn takes so long",
        (f"{FEED}.handle", _late.handle),
        (f"{FEED}.settle", _late.settle),
        rows=[37],
        platform=PLATFORM,
    ),
    mutant(
        "acknowledged-in-vain",
        "a delivery whose turn is not over after two seconds is answered with an error",
        (f"{FEED}.handle", _in_vain.handle),
        (f"{FEED}.settle", _in_vain.settle),
        rows=[37],
        platform=PLATFORM,
    ),
    mutant(
        "signature-unread",
        "the signature of a delivery is not looked at",
        ("tolmach.pachca.signature:verify", always(True)),
        rows=[273],
        platform=PLATFORM,
    ),
    mutant(
        "age-unread",
        "the age of a delivery is not looked at",
        ("tolmach.pachca.webhook:_in_time", always(None)),
        rows=[273],
        platform=PLATFORM,
    ),
    mutant(
        "refusal-quoted",
        "the text of a delivery that was refused stands in the output",
        ("tolmach.pachca.receiver:Receiver.take", _shows_what_it_refused),
        rows=[273],
        platform=PLATFORM,
    ),
    mutant(
        "replays-arrive",
        "a delivery that came before is an event again",
        ("tolmach.pachca.guard:DuplicateGuard.first", always(True)),
        ("tolmach.pachca.inbox:FileInbox._append", always(True)),
        ("tolmach.channel.dedupe:Window.has", _hears_again),
        rows=[32, 33, 274],
        platform=PLATFORM,
    ),
    mutant(
        "thread-not-looked-up",
        "a thread whose root is not told is a room of its own",
        ("tolmach.adapters.pachca_events:Translator._in_thread", _a_room_of_its_own),
        rows=[131],
        platform=PLATFORM,
    ),
    mutant(
        "thread-guessed",
        "a reply whose thread cannot be found counts as said in the room",
        ("tolmach.adapters.pachca_events:Translator._in_thread", _at_room_level_then),
        rows=[131],
        platform=PLATFORM,
    ),
    mutant(
        "path-taken-over",
        "the last account that asks for a path gets it",
        ("tolmach.adapters.pachca_door:_Listener.claim", _first_come_last_served),
        rows=[275],
        platform=PLATFORM,
    ),
    mutant(
        "path-refused-darkly",
        "an account whose path is taken is refused without a reason",
        ("tolmach.adapters.pachca_door:_Listener.claim", _gives_no_reason),
        rows=[275],
        platform=PLATFORM,
    ),
)
