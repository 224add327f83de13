"""What the adapter looks up about people and rooms, each once.

What it is for: bounded caches over ``users.info`` and ``rooms.info``. What it must not do: decide
anything; a failed lookup is an error for the caller, never remembered.
"""

from dataclasses import dataclass

from tolmach.adapters.bounded import Bounded
from tolmach.channel.model import Identity, Sender
from tolmach.errors import ApiError, Forbidden, NotFound
from tolmach.rocketchat import RocketChat
from tolmach.rocketchat.models import User, UserRef

__all__ = ["RoomFacts", "Rooms", "Users", "identity_of", "sender_of"]


@dataclass(frozen=True, slots=True)
class RoomFacts:
    """Hold what decides about a room: its kind (c, p, d, l), its name, in direct rooms who is in it."""

    kind: str
    name: str
    user_ids: tuple[str, ...] = ()


def is_bot(user: User) -> bool:
    """Tell whether the server marks a user as a bot; the role is not shown to everybody."""
    return user.type in {"bot", "app"} or "bot" in user.roles


def sender_of(ref: UserRef, *, is_bot: bool | None = None) -> Sender:
    """Return who a reference names; whether it is a bot stands in no document."""
    return Sender(ref.id, ref.username or "", ref.name or "", is_bot)


def identity_of(user: User) -> Identity:
    """Return the account itself."""
    return Identity(user.id, user.username or "", user.name or user.username or "", is_bot(user))


class Users:
    """Look people up."""

    def __init__(self, rc: RocketChat) -> None:
        self._rc = rc
        self._ids: Bounded[str] = Bounded()

    async def by_id(self, user_id: str) -> Sender | None:
        """Return a person with ``is_bot`` known, None when there is none."""
        try:
            return self._read(await self._rc.users.info(user_id))
        except NotFound:
            return None

    async def by_username(self, username: str) -> Sender | None:
        """Return a person, None when there is none."""
        try:
            return self._read(await self._rc.users.info(username=username))
        except NotFound:
            return None

    async def ref(self, username: str) -> Sender | None:
        """Return who acted, from memory where possible: a username seen before keeps its id."""
        known = self._ids.get(username)
        if known is not None:
            own = known.partition("\n")
            return Sender(own[0], username, own[2], None)
        return await self.by_username(username)

    def saw(self, ref: UserRef) -> None:
        """Note a reference that came with a document."""
        if ref.id and ref.username:
            self._ids.put(ref.username, f"{ref.id}\n{ref.name or ''}")

    def _read(self, user: User) -> Sender:
        if user.username:
            self._ids.put(user.username, f"{user.id}\n{user.name or ''}")
        return Sender(user.id, user.username or "", user.name or "", is_bot(user))


class Rooms:
    """Look rooms up."""

    def __init__(self, rc: RocketChat) -> None:
        self._rc = rc
        self._rooms: Bounded[RoomFacts] = Bounded()

    def known(self, room_id: str) -> RoomFacts | None:
        """Return what is remembered of a room."""
        return self._rooms.get(room_id)

    def put(self, room_id: str, facts: RoomFacts) -> RoomFacts:
        """Remember a room."""
        return self._rooms.put(room_id, facts)

    async def facts(self, room_id: str) -> RoomFacts:
        """Return what decides about a room."""
        known = self._rooms.get(room_id)
        if known is not None and (known.kind != "d" or known.user_ids):
            return known
        room = await self._rc.rooms.info(room_id)
        return self.put(room_id, RoomFacts(room.kind, room.name or "", tuple(room.user_ids or ())))

    async def by_name(self, name: str) -> str | None:
        """Return the id of the room with exactly this name, None when there is none to be seen."""
        try:
            room = await self._rc.rooms.info(name=name)
        except (NotFound, Forbidden):
            return None
        except ApiError as error:
            if error.status == 400:
                return None
            raise
        if room.name != name or room.kind not in {"c", "p"}:
            return None
        self.put(room.id, RoomFacts(room.kind, name))
        return room.id
