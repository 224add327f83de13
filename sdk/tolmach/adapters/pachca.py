"""Pachca behind the channel's one door.

What it is for: every call of the ``Platform`` protocol as calls of the Pachca client, and events from a
webhook or the events' history. What it must not do: hold a policy, retry, or keep a message.

Source: https://dev.pachca.com
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace

from tolmach.adapters import markup
from tolmach.adapters.emoji_names import glyph_name
from tolmach.adapters.owed import Owed
from tolmach.adapters.pachca_buttons import laid_out
from tolmach.adapters.pachca_door import Door
from tolmach.adapters.pachca_events import Translator
from tolmach.adapters.pachca_feed import Feed
from tolmach.adapters.pachca_health import Health
from tolmach.adapters.pachca_people import People, identity_of
from tolmach.adapters.pachca_places import Places, number
from tolmach.adapters.pachca_rooms import SideBySide
from tolmach.channel.buttons import Rows
from tolmach.channel.model import Address, Event, Identity, Message, Sender
from tolmach.channel.platform import Capabilities, ConnectionReport, Probe
from tolmach.channel.reactions import emoji_name
from tolmach.errors import (
    ApiError,
    ConfigError,
    Forbidden,
    LocalProtocolError,
    NotFound,
    PaymentRequired,
    RemoteError,
    TolmachError,
    Unauthorized,
)
from tolmach.pachca import Pachca
from tolmach.pachca.emoji import glyph_of, is_glyph
from tolmach.pachca.events import CompanyMemberEvent
from tolmach.pachca.events import Event as PachcaEvent
from tolmach.pachca.models.message import MOST_BYTES
from tolmach.pachca.polling import PASSES
from tolmach.pachca.receiver import Inbox
from tolmach.pachca.unset import UNSET

__all__ = ["PachcaPlatform"]

log = logging.getLogger("tolmach.adapters")

PROBE_SECONDS = 2.5
PROBE_EVERY = 300.0
"""Seconds between two looks whether the token is alive: webhooks come in spite of a dead one."""
NAME_EVERY = 3600.0
"""Seconds after which the bot's nickname is read again: mentions are told by it."""
CATCH_UP_EVERY = 30.0
"""Seconds between two looks into the history beside a webhook; what was handled leaves it then."""
LOOKUPS = 6
LOOKUP_PAUSE = 1.0
"""How often, and after how many seconds, what belongs to an event is looked up; each pause doubles."""
POLL_EVERY = 1.0
"""Seconds between two looks into the history of events where no webhook tells of them."""


class PachcaPlatform:
    """Fulfil ``Platform`` for one Pachca account; owns the client.

    With a ``door`` events come by webhook, signed with ``secret``; ``history`` also reads the events'
    history, at start and now and then. Without a door the history is polled. ``inbox`` keeps what was
    acknowledged until it is settled, also when this process dies.

    Raises ConfigError when the ``gateway`` extra is not installed.
    """

    def __init__(
        self,
        pachca: Pachca,
        *,
        door: Door | None = None,
        secret: str = "",
        history: bool = False,
        inbox: Inbox | None = None,
    ) -> None:
        markup.require()
        self._pachca = pachca
        self._clock = pachca.clock
        self._door = door
        self._history = history or door is None
        self._feed = Feed(pachca, self._clock, secret, inbox)
        self._owed: Owed[PachcaEvent] = Owed()
        self._people = People(pachca, self._clock)
        self._places = Places(pachca, self._clock)
        self._translator = Translator(pachca, self._people, self._places)
        self._identity: Identity | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._health = Health(self._clock)
        self._named_at = 0.0
        self._closed = False
        pachca.http.on_unauthorized = self._health.refused

    @property
    def name(self) -> str:
        """Return ``pachca``."""
        return "pachca"

    @property
    def label(self) -> str:
        """Return ``Pachca``."""
        return "Pachca"

    @property
    def capabilities(self) -> Capabilities:
        """Return what Pachca can do."""
        return Capabilities(
            threads=True,
            reactions=True,
            edit=True,
            delete=True,
            typing=False,
            max_text=MOST_BYTES,
            text_unit="utf8",
            buttons=True,
        )

    async def start(self) -> Identity | None:
        """Read who the bot is, open the door. May be called again after an error.

        Raises Unauthorized for a token that works for nothing, whatever the server calls that.
        """
        try:
            await self._read_name()
        except (PaymentRequired, Forbidden) as error:
            raise Unauthorized(str(error), status=error.status, code=error.code, call=error.call) from None
        await self._feed.start()
        if self._door is not None:
            try:
                await self._door.open(self._feed.handle)
            except ConfigError as error:
                raise RemoteError(str(error)) from None
        if not self._tasks:
            self._tasks.append(asyncio.create_task(self._keep(), name="pachca probe"))
            if self._history:
                self._tasks.append(asyncio.create_task(self._follow(), name="pachca history"))
        self._health.worked()
        return self._identity

    def identity(self) -> Identity | None:
        """Return the bot's identity as known now."""
        return self._identity

    async def events(self) -> AsyncIterator[Event]:
        """Yield what happens, in order per room; one that cannot be understood is skipped."""
        rooms = SideBySide(self._translator.lane, self._told)
        async with aclosing(rooms.over(self._feed.events())) as happening:
            async for event in happening:
                yield event

    async def _told(self, happened: PachcaEvent) -> Sequence[Event]:
        """Return what an event is to the channel; one that is nothing is settled.

        A lookup that fails for now is tried again, for a minute or so: only the event's own room waits. One
        that goes on failing leaves the event where it came from, for the next start.
        """
        pause = LOOKUP_PAUSE
        for _ in range(LOOKUPS):
            try:
                events = await self._translated(happened)
                break
            except PASSES as error:
                log.warning("what belongs to a %s cannot be looked up: %s", type(happened).__name__, error)
                await self._clock.sleep(pause)
                pause *= 2
        else:
            log.error("a %s is left for the next start", type(happened).__name__)
            return ()
        if events:
            self._owed.add(events, happened)
            return events
        try:
            await self._feed.settle(happened)
        except Unauthorized:
            raise
        except TolmachError as error:
            log.warning("a %s could not be taken off: %s", type(happened).__name__, error)
        return ()

    async def _translated(self, happened: PachcaEvent) -> Sequence[Event]:
        try:
            if isinstance(happened, CompanyMemberEvent) and self._places.own_id in happened.user_ids:
                await self._read_name()
            return await self._translator.events(happened)
        except (Unauthorized, *PASSES):
            raise
        except TolmachError as error:
            log.warning("a %s is skipped: %s", type(happened).__name__, error)
        except Exception:  # one event must not end the stream of all
            log.exception("a %s is skipped", type(happened).__name__)
        return ()

    async def settled(self, event: Event) -> None:
        """Let what the event came from leave the inbox and the history."""
        source = self._owed.settle(event)
        if source is not None:
            await self._feed.settle(source)

    async def send(self, to: Address, text: str, buttons: Rows = ()) -> str:
        """Post one part and return its id; an unclear send is looked up before it is repeated."""
        target = await self._places.target(to)
        rows = laid_out(buttons) if buttons else UNSET
        if target.thread_id is None:
            sent = await self._pachca.messages.deliver(text, chat_id=target.chat_id, buttons=rows)
        else:
            # People named in an answer are not to be pulled into the thread by it.
            sent = await self._pachca.messages.deliver(
                text, thread_id=target.thread_id, buttons=rows, skip_invite_mentions=True
            )
        self._health.sent()
        return str(sent.id)

    async def edit(self, to: Address, message_id: str, text: str) -> None:
        """Replace the text of an own message."""
        del to
        await self._pachca.messages.update(number(message_id), content=text)

    async def delete(self, to: Address, message_id: str) -> None:
        """Delete an own message."""
        del to
        await self._pachca.messages.delete(number(message_id))

    async def react(self, to: Address, message_id: str, emoji: str, *, add: bool) -> None:
        """Add or remove an own reaction, by name or glyph; the API takes the glyph."""
        del to
        name = emoji_name(emoji, glyph_name)
        if not name:
            raise LocalProtocolError("a reaction needs an emoji")
        glyph = emoji.strip() if is_glyph(emoji.strip()) else glyph_of(name)
        if glyph is None:
            raise LocalProtocolError(f"Pachca has no emoji called {name}")
        if add:
            await self._pachca.reactions.add(number(message_id), glyph)
            return
        with contextlib.suppress(NotFound):
            await self._pachca.reactions.remove(number(message_id), glyph)

    async def typing(self, to: Address, *, on: bool) -> None:
        """Do nothing: Pachca shows nobody typing."""
        del to, on

    async def history(self, to: Address, limit: int) -> Sequence[Message]:
        """Return the newest ``limit`` messages, oldest first; a thread that is not there has none."""
        if limit <= 0:
            return ()
        chat_id = await self._places.readable(to)
        if chat_id is None:
            return ()
        page = min(limit, 50)
        newest = await self._pachca.messages.list(chat_id, page_size=page).all(limit)
        return [await self._translator.message(one) for one in reversed(newest)]

    async def message(self, message_id: str) -> Message | None:
        """Return one message, None when it cannot be read."""
        try:
            return await self._translator.message(await self._pachca.messages.get(number(message_id)))
        except (NotFound, Forbidden):
            return None

    async def person(self, user_id: str) -> Sender | None:
        """Return a person with ``is_bot`` known."""
        return await self._people.by_id(number(user_id))

    async def resolve_room(self, name: str) -> str | None:
        """Return the id of the room with exactly this name; names are not unique, so two are none."""
        found = await self._places.by_name(name)
        if len(found) > 1:
            log.warning("%d rooms are called %r (%s); write the id", len(found), name, ", ".join(found))
        return found[0] if len(found) == 1 else None

    async def resolve_person(self, name: str) -> str | None:
        """Return the id of the person with exactly this nickname."""
        return await self._people.by_nickname(name)

    async def open_direct(self, user_id: str) -> str:
        """Return the chat with a person. The API opens one with the first message only.

        Raises NotFound while there is none.
        """
        found = await self._places.open_direct(user_id)
        if found is None:
            raise NotFound("nobody has written in this chat yet", status=404, call="GET /chats")
        return str(found)

    def to_markup(self, markdown: str) -> str:
        """Return Markdown in Pachca's dialect."""
        return markup.to_pachca(markdown)

    async def probe(self) -> Probe:
        """Ask once who the bot is and whether its token lives; never raises."""
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                me = await self._pachca.profile.get()
                await self._pachca.oauth.token_info()
        except ApiError as error:
            return Probe(ok=False, status=error.status, error=type(error).__name__)
        except (TolmachError, TimeoutError) as error:
            return Probe(ok=False, error=(str(error) or "no answer in time")[:200])
        return Probe(ok=True, id=str(me.id), name=me.nickname, status=200)

    def report(self) -> ConnectionReport:
        """Return how it went with the last probe and the last event, without I/O."""
        report = self._health.report
        connected = report.connected and not self._closed
        return replace(report, connected=connected, last_inbound_at=self._feed.last_inbound_at)

    async def aclose(self) -> None:
        """Close the door, then the client; idempotent."""
        if self._closed:
            return
        self._closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._feed.end(dead=self._health.blocked)
        if self._door is not None and not self._health.blocked:
            # With a dead token the door stays: deliveries go on, and want to be acknowledged.
            await self._door.aclose()
        await self._feed.aclose()
        await self._pachca.aclose()

    async def _read_name(self) -> None:
        me = await self._pachca.profile.get()
        self._identity = identity_of(me)
        self._translator.me = self._identity
        self._places.own_id = me.id
        self._named_at = self._clock.now()

    async def _keep(self) -> None:
        """Look now and then whether the token lives, and what the bot is called."""
        while True:
            await self._clock.sleep(PROBE_EVERY)
            try:
                await self._pachca.oauth.token_info()
                if self._clock.now() - self._named_at >= NAME_EVERY:
                    await self._read_name()
                self._health.worked()
            except Unauthorized as error:
                self._died(error)
                return
            except TolmachError as error:
                self._health.failed(error)

    async def _follow(self) -> None:
        try:
            await self._feed.follow(POLL_EVERY if self._door is None else CATCH_UP_EVERY)
        except Unauthorized as error:
            self._died(error)
        except Forbidden as error:
            log.warning("the history of events cannot be read: %s", error)
            if self._door is None:
                self._died(Unauthorized(str(error), status=error.status, call=error.call))

    def _died(self, error: Unauthorized) -> None:
        self._health.refused(error)
        self._feed.fail(error)
