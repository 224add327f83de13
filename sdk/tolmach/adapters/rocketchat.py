"""Rocket.Chat behind the channel's one door.

What it is for: every call of the ``Platform`` protocol as calls of the Rocket.Chat client. What it
must not do: hold a policy, retry, or keep a message.
"""

import logging
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

from tolmach.adapters import markup
from tolmach.adapters.bounded import Bounded
from tolmach.adapters.emoji_names import glyph_name
from tolmach.adapters.rocketchat_events import Translator
from tolmach.adapters.rocketchat_people import Rooms, Users, identity_of
from tolmach.channel import reactions
from tolmach.channel.buttons import Rows
from tolmach.channel.model import Address, Event, Identity, Message, Sender
from tolmach.channel.platform import Capabilities, ConnectionReport, Probe
from tolmach.errors import (
    ApiError,
    ConnectFailed,
    LocalProtocolError,
    NotFound,
    RemoteError,
    TolmachError,
    Unauthorized,
)
from tolmach.rocketchat import RocketChat
from tolmach.rocketchat.models import Message as Document

__all__ = ["RocketChatPlatform"]

log = logging.getLogger("tolmach.adapters")

MAX_TEXT = 5000
"""UTF-16 units of one message, unless the server's public settings say otherwise."""
PROBE_SECONDS = 2.5
THREAD_READ = 1000
"""Replies of one thread that are read at most to find its newest."""


class RocketChatPlatform:
    """Fulfil ``Platform`` for one Rocket.Chat account; owns the client.

    Raises ConfigError when the ``gateway`` extra is not installed.
    """

    def __init__(self, rc: RocketChat) -> None:
        markup.require()
        self._rc = rc
        self._users = Users(rc)
        self._rooms = Rooms(rc)
        self._translator = Translator(rc, self._users, self._rooms)
        self._direct: Bounded[str] = Bounded()
        self._max_text = MAX_TEXT
        self._closed = False

    @property
    def name(self) -> str:
        """Return ``rocketchat``."""
        return "rocketchat"

    @property
    def label(self) -> str:
        """Return ``Rocket.Chat``."""
        return "Rocket.Chat"

    @property
    def capabilities(self) -> Capabilities:
        """Return what Rocket.Chat can do."""
        return Capabilities(
            threads=True,
            reactions=True,
            edit=True,
            delete=True,
            typing=True,
            max_text=self._max_text,
            text_unit="utf16",
        )

    async def start(self) -> Identity | None:
        """Log in, listen; return who the bot is. May be called again after an error."""
        if self._rc.account.me is None:
            await self._rc.open()
        await self._read_limits()
        await self._rc.realtime.start()
        state = self._rc.connection
        if not state.connected:
            why = state.last_error or state.last_disconnect_error or "no answer"
            raise ConnectFailed(f"the realtime connection does not work: {why}", call="websocket")
        return self.identity()

    def identity(self) -> Identity | None:
        """Return the bot's identity as known now."""
        me = self._rc.account.me
        return identity_of(me) if me is not None else None

    async def events(self) -> AsyncIterator[Event]:
        """Yield what happens, in order; a change that cannot be understood is skipped."""
        async with aclosing(self._rc.changes()) as changes:
            async for change in changes:
                try:
                    event = await self._translator.event(change)
                except Unauthorized:
                    raise
                except TolmachError as error:
                    log.warning("a %s is skipped: %s", type(change).__name__, error)
                    continue
                if event is not None:
                    yield event

    async def settled(self, event: Event) -> None:
        """Do nothing: the server keeps no list of what was heard."""
        del event

    async def send(self, to: Address, text: str, buttons: Rows = ()) -> str:
        """Post one part and return its id.

        Source: https://developer.rocket.chat/apidocs/send-message
        """
        del buttons
        sent = await self._rc.chat.send(to.room_id, text, thread=to.thread_id, preview_urls=())
        return sent.id

    async def edit(self, to: Address, message_id: str, text: str) -> None:
        """Replace the text of an own message.

        Source: https://developer.rocket.chat/apidocs/update-message
        """
        await self._rc.chat.update(to.room_id, message_id, text)

    async def delete(self, to: Address, message_id: str) -> None:
        """Delete an own message.

        Source: https://developer.rocket.chat/apidocs/delete-message
        """
        await self._rc.chat.delete(to.room_id, message_id)

    async def react(self, to: Address, message_id: str, emoji: str, *, add: bool) -> None:
        """Add or remove an own reaction, by name or glyph.

        Source: https://developer.rocket.chat/apidocs/react-message
        """
        del to
        name = reactions.emoji_name(emoji, glyph_name)
        if not name:
            raise LocalProtocolError("a reaction needs an emoji")
        await self._rc.chat.react(message_id, name, add=add)

    async def typing(self, to: Address, *, on: bool) -> None:
        """Show or hide that the bot is at work."""
        await self._rc.realtime.typing(to.room_id, on, to.thread_id)

    async def history(self, to: Address, limit: int) -> Sequence[Message]:
        """Return the newest ``limit`` messages, oldest first, without what the server wrote itself.

        Source: https://developer.rocket.chat/apidocs/get-channel-history
        """
        if limit <= 0:
            return ()
        if to.thread_id is not None:
            documents = await self._thread(to.thread_id, limit)
        else:
            documents = await self._room(to.room_id, limit)
        shown = [one for one in documents if not one.is_system and not one.private]
        return [self._translator.message(one, self._translator.remembered_place(one)) for one in shown]

    async def message(self, message_id: str) -> Message | None:
        """Return one message, None when it cannot be read.

        Source: https://developer.rocket.chat/apidocs/get-message
        """
        try:
            document = await self._rc.chat.get(message_id)
        except NotFound:
            return None
        return self._translator.message(document, self._translator.remembered_place(document))

    async def person(self, user_id: str) -> Sender | None:
        """Return a person with ``is_bot`` known.

        Source: https://developer.rocket.chat/apidocs/get-users-info
        """
        return await self._users.by_id(user_id)

    async def resolve_room(self, name: str) -> str | None:
        """Return the id of the room with exactly this name."""
        return await self._rooms.by_name(name)

    async def resolve_person(self, name: str) -> str | None:
        """Return the id of the person with exactly this handle."""
        person = await self._users.by_username(name)
        return person.id if person else None

    async def open_direct(self, user_id: str) -> str:
        """Return the room id of the chat with a person, opening it if need be.

        Source: https://developer.rocket.chat/apidocs/create-dm-session
        """
        known = self._direct.get(user_id)
        if known is not None:
            return known
        person = await self._rc.users.info(user_id)
        room = await self._rc.direct.create(person.username or "")
        return self._direct.put(user_id, room.id)

    def to_markup(self, markdown: str) -> str:
        """Return Markdown in Rocket.Chat's dialect."""
        return markup.to_rocketchat(markdown)

    async def probe(self) -> Probe:
        """Call the identity endpoint once; never raises."""
        try:
            me = await self._rc.auth.me(once=True, timeout=PROBE_SECONDS)
        except ApiError as error:
            return Probe(ok=False, status=error.status, error=type(error).__name__)
        except TolmachError as error:
            return Probe(ok=False, error=str(error)[:200])
        return Probe(ok=True, id=me.id, name=me.username or "", status=200)

    def report(self) -> ConnectionReport:
        """Return the state of the connection, without I/O."""
        state = self._rc.connection
        return ConnectionReport(
            connected=state.connected and not self._closed,
            lifecycle=state.lifecycle,
            last_connected_at=state.last_connected_at,
            last_disconnect_at=state.last_disconnect_at,
            last_disconnect_error=state.last_disconnect_error,
            last_error=state.last_error,
            last_inbound_at=state.last_inbound_at,
            last_outbound_at=state.last_outbound_at,
        )

    async def aclose(self) -> None:
        """Close the connection; idempotent."""
        if not self._closed:
            self._closed = True
            await self._rc.aclose()

    async def _read_limits(self) -> None:
        try:
            found = await self._rc.server.public_settings(["Message_MaxAllowedSize"])
        except RemoteError as error:
            log.info("the server does not tell its message size, %d is assumed: %s", MAX_TEXT, error)
            return
        size = found.get("Message_MaxAllowedSize")
        if isinstance(size, int) and not isinstance(size, bool) and size > 0:
            self._max_text = size

    async def _room(self, room_id: str, limit: int) -> list[Document]:
        kind = (await self._rooms.facts(room_id)).kind
        family = {"c": self._rc.channels, "p": self._rc.groups}.get(kind, self._rc.direct)
        newest_first = await family.history(room_id, count=limit, threads=False)
        return list(reversed(newest_first))

    async def _thread(self, root_id: str, limit: int) -> list[Document]:
        newest: deque[Document] = deque(maxlen=limit)
        count = 0
        async for reply in self._rc.chat.thread(root_id):
            newest.append(reply)
            count += 1
            if count >= THREAD_READ:
                break
        return list(newest)
