"""The server's memory, and the questions that every rule asks of it.

What it is for: tables, lookups, access checks and time. What it must not do: change rooms or
messages (that is `rooms` and `messages`), or know HTTP, sockets or JSON.
"""

import copy
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from tolmach_mockservers.clock import FakeClock
from tolmach_mockservers.rocketchat.model import Message, Person, Room, Subscription
from tolmach_mockservers.rocketchat.permissions import allowed
from tolmach_mockservers.rocketchat.settings import Settings
from tolmach_mockservers.seed import Seed

__all__ = ["Bus", "SilentBus", "State"]

_MAX_DRIFT = 1000
"""How far, in ms, message times may run ahead of the clock to keep them apart inside a room."""


class Bus(Protocol):
    """Hear what changed, right after it changed."""

    def message(self, room: Room, message: Message) -> None:
        """Hear that a message is new or differs from before."""
        ...

    def deleted(self, room: Room, message_id: str) -> None:
        """Hear that a message is gone for good."""
        ...

    def subscription(self, action: str, room: Room, sub: Subscription) -> None:
        """Hear "inserted", "updated" or "removed" of one membership."""
        ...

    def room(self, action: str, room: Room, person_ids: Iterable[str]) -> None:
        """Hear "inserted", "updated" or "removed" of a room, for these people."""
        ...

    def token_removed(self, value: str) -> None:
        """Hear that a login token died in a way that closes its sockets."""
        ...

    def ephemeral(self, person_id: str, rid: str, text: str, thread: str | None) -> None:
        """Hear of a notice that only one person sees and nobody stores."""
        ...

    def notify(self, room: Room, message: Message, person_ids: Iterable[str]) -> None:
        """Hear whom a new message addresses."""
        ...

    def renamed(self, person: Person) -> None:
        """Hear that a person's name or username changed."""
        ...


class SilentBus:
    """Hear everything and do nothing."""

    def message(self, room: Room, message: Message) -> None:
        """Do nothing."""

    def deleted(self, room: Room, message_id: str) -> None:
        """Do nothing."""

    def subscription(self, action: str, room: Room, sub: Subscription) -> None:
        """Do nothing."""

    def room(self, action: str, room: Room, person_ids: Iterable[str]) -> None:
        """Do nothing."""

    def token_removed(self, value: str) -> None:
        """Do nothing."""

    def ephemeral(self, person_id: str, rid: str, text: str, thread: str | None) -> None:
        """Do nothing."""

    def notify(self, room: Room, message: Message, person_ids: Iterable[str]) -> None:
        """Do nothing."""

    def renamed(self, person: Person) -> None:
        """Do nothing."""


@dataclass(slots=True)
class Tables:
    """Hold what a snapshot saves."""

    people: dict[str, Person] = field(default_factory=dict)
    usernames: dict[str, Person] = field(default_factory=dict)
    tokens: dict[str, Person] = field(default_factory=dict)
    rooms: dict[str, Room] = field(default_factory=dict)
    room_names: dict[str, Room] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    removed_subscriptions: list[tuple[str, str, int]] = field(default_factory=list)
    """Person id, subscription id, time."""
    settings: Settings = field(default_factory=Settings)


class State:
    """Hold one server's world."""

    def __init__(self, clock: FakeClock, seed: Seed) -> None:
        self.clock = clock
        self.bus: Bus = SilentBus()
        self._seed = seed
        self.tables = Tables()
        self.ids = seed.child("rocketchat")
        # Apart from the ids of documents, so that a login at an unforeseen moment shifts no id.
        self.secrets = seed.child("rocketchat/secrets")
        self.notices = seed.child("rocketchat/notices")

    # time and ids

    def now(self) -> int:
        """Return the time in milliseconds."""
        return int(self.clock.now() * 1000)

    def after(self, previous: int) -> int:
        """Return a time that is later than ``previous``, also when the clock stands still."""
        return max(self.now(), previous + 1)

    def message_time(self, room: Room) -> int:
        """Return the time of a room's next message, apart from all others of the room."""
        now = self.now()
        if room.newest < now:
            return now
        return room.newest + 1 if room.newest < now + _MAX_DRIFT else room.newest

    # lookups

    @property
    def settings(self) -> Settings:
        """Return the server settings."""
        return self.tables.settings

    def person(self, person_id: str) -> Person | None:
        """Return a person by id."""
        return self.tables.people.get(person_id)

    def named(self, username: str) -> Person | None:
        """Return a person by exact username."""
        return self.tables.usernames.get(username)

    def room(self, room_id: str) -> Room | None:
        """Return a room by id."""
        return self.tables.rooms.get(room_id)

    def room_named(self, name: str) -> Room | None:
        """Return a channel or group by exact name."""
        return self.tables.room_names.get(name)

    def message(self, message_id: str) -> Message | None:
        """Return a message by id."""
        return self.tables.messages.get(message_id)

    def usernames(self, room: Room) -> list[str]:
        """Return the usernames of a direct room's people."""
        people = (self.tables.people[uid] for uid in room.uids)
        return [each.username for each in sorted(people, key=lambda each: each.name)]

    def rooms_of(self, person_id: str) -> list[tuple[Room, Subscription]]:
        """Return a person's rooms in order of creation."""
        return [
            (room, room.members[person_id])
            for room in self.tables.rooms.values()
            if person_id in room.members
        ]

    # rights

    def may(self, person: Person, permission: str, room: Room | None = None) -> bool:
        """Whether a person's roles, in the room too, hold a permission."""
        if allowed(permission, person.roles):
            return True
        sub = None if room is None else room.members.get(person.id)
        return sub is not None and bool(sub.roles) and allowed(permission, sub.roles)

    def can_access(self, person: Person, room: Room) -> bool:
        """Whether a person may read a room: its members, and everybody in a public one."""
        return person.id in room.members or (room.type == "c" and allowed("view-c-room", person.roles))

    # saving

    def save(self) -> object:
        """Return a copy of everything, for `load`."""
        return copy.deepcopy(self.tables), [each.state() for each in self._seeds()]

    def load(self, saved: object) -> None:
        """Go back to what `save` returned; it can be used again."""
        match saved:
            case (Tables() as tables, list(draws)):
                self.tables = copy.deepcopy(tables)
                for seed, draw in zip(self._seeds(), draws, strict=True):
                    seed.restore(draw)
            case _:
                raise TypeError("not a copy made by save()")

    def clear(self) -> None:
        """Forget the world, keep the settings, and draw ids from the beginning."""
        self.tables = Tables(settings=self.tables.settings)
        self.reseed()

    def reseed(self) -> None:
        """Draw ids and secrets from the beginning of the run's seed, as it is now."""
        self.ids, self.secrets, self.notices = (
            self._seed.child("rocketchat"),
            self._seed.child("rocketchat/secrets"),
            self._seed.child("rocketchat/notices"),
        )

    def _seeds(self) -> tuple[Seed, Seed, Seed]:
        return self.ids, self.secrets, self.notices
