"""The workspace's memory, and the questions that every rule asks of it.

What it is for: tables, ids, lookups, access checks, time. What it must not do: change anything on
its own, or know HTTP or JSON.
"""

import copy
from bisect import insort
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tolmach_mockservers.clock import FakeClock
from tolmach_mockservers.pachca import model
from tolmach_mockservers.pachca.errors import denied, missing
from tolmach_mockservers.pachca.limits import Quota
from tolmach_mockservers.pachca.storage import Storage
from tolmach_mockservers.seed import Seed

if TYPE_CHECKING:
    from tolmach_mockservers.pachca.delivery import Delivery
    from tolmach_mockservers.pachca.events import Events
    from tolmach_mockservers.pachca.forms import Forms

__all__ = ["Settings", "State"]

_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_FIRST: Final = {
    "user": 1000,
    "chat": 300_000,
    "message": 194_000_000,
    "thread": 260_000,
    # Chats of threads have ids beyond 32 bits.
    "thread_chat": 2_637_266_155,
    "tag": 9000,
    "file": 3_560_000,
    "task": 22_000,
    "draft": 5000,
    "property": 1670,
    "token": 41_000,
    "reaction": 1,
    "event": 1,
    "audit": 1,
    "export": 22_000,
    "room": 70_000,
    "recording": 8000,
}


@dataclass(slots=True)
class Settings:
    """Hold what the control API can switch.

    ``perimeter`` makes file links point at the API, ``post_avatars`` accepts the verb that one of
    the vendor's clients uses by mistake, ``personal_data`` shows e-mail and phone to everybody,
    ``system_messages`` lets chats say who was added.
    """

    rate_limits: bool = True
    daily_quota: int = 7500
    plan: str = "corporation"
    paid: bool = True
    personal_data: bool = False
    perimeter: bool = False
    post_avatars: bool = False
    system_messages: bool = False
    export_seconds: int = 2
    link_days: int = 7


@dataclass(slots=True)
class Tables:
    """Hold what a snapshot copies."""

    users: dict[int, model.User] = field(default_factory=dict[int, model.User])
    tokens: dict[str, model.Token] = field(default_factory=dict[str, model.Token])
    dead_tokens: dict[str, int] = field(default_factory=dict[str, int])
    tags: dict[int, model.Tag] = field(default_factory=dict[int, model.Tag])
    chats: dict[int, model.Chat] = field(default_factory=dict[int, model.Chat])
    threads: dict[int, model.Thread] = field(default_factory=dict[int, model.Thread])
    messages: dict[int, model.Message] = field(default_factory=dict[int, model.Message])
    tasks: dict[int, model.Task] = field(default_factory=dict[int, model.Task])
    drafts: dict[int, model.Draft] = field(default_factory=dict[int, model.Draft])
    files: dict[int, model.File] = field(default_factory=dict[int, model.File])
    properties: dict[int, model.Property] = field(default_factory=dict[int, model.Property])
    history: dict[int, list[model.Event]] = field(default_factory=dict[int, list[model.Event]])
    triggers: dict[str, model.Trigger] = field(default_factory=dict[str, model.Trigger])
    views: dict[str, model.View] = field(default_factory=dict[str, model.View])
    grants: dict[str, model.Grant] = field(default_factory=dict[str, model.Grant])
    exports: dict[int, model.Export] = field(default_factory=dict[int, model.Export])
    audit: list[model.Audit] = field(default_factory=list[model.Audit])
    avatars: dict[str, bytes] = field(default_factory=dict[str, bytes])
    personal: dict[tuple[int, int], int] = field(default_factory=dict[tuple[int, int], int])
    counters: dict[str, int] = field(default_factory=dict[str, int])


class State:
    """Hold one workspace; the fake sets ``events``, ``delivery`` and ``forms`` before the first change."""

    def __init__(self, clock: FakeClock, seed: Seed, storage: Storage) -> None:
        self.clock = clock
        self.storage = storage
        self.settings = Settings()
        self.quota = Quota()
        self.tables = Tables()
        self.url = ""
        self.app_url = "https://app.pachca.com"
        self.events: Events
        self.delivery: Delivery
        self.forms: Forms
        self._seed = seed
        self.ids = seed.child("pachca")
        self.secrets = seed.child("pachca/secrets")

    # time and ids

    def now(self) -> int:
        """Return the time in milliseconds."""
        return int(self.clock.now() * 1000)

    def next(self, kind: str) -> int:
        """Return the next id of a kind; the seed chooses where they begin."""
        counters = self.tables.counters
        if kind not in counters:
            counters[kind] = _FIRST[kind] + int(self.ids.child(kind).random() * 900)
        counters[kind] += 1
        return counters[kind]

    def uuid(self) -> str:
        """Return a UUID."""
        digits = self.ids.hex_id(32)
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"

    def ulid(self) -> str:
        """Return an id that looks like a ULID; its order says nothing."""
        number = int(self.ids.hex_id(30), 16)
        tail = "".join(_CROCKFORD[(number >> (5 * place)) & 31] for place in range(24))
        return f"01{tail}"

    # lookups

    def user(self, user_id: int, key: str = "id") -> model.User:
        """Return somebody who is not deleted."""
        found = self.tables.users.get(user_id)
        if found is None or found.deleted:
            raise missing(key, user_id)
        return found

    def chat(self, chat_id: int, key: str = "id") -> model.Chat:
        """Return a chat of any kind."""
        found = self.tables.chats.get(chat_id)
        if found is None:
            raise missing(key, chat_id)
        return found

    def readable(self, user: model.User, chat_id: int, key: str = "id") -> model.Chat:
        """Return a chat that somebody may read; one that is there but closed is 403."""
        chat = self.chat(chat_id, key)
        if not self.can_read(user, chat):
            raise denied(record=("Chat", chat_id))
        return chat

    def message(self, user: model.User, message_id: int, *, deleted: bool = True) -> model.Message:
        """Return a message that somebody may read."""
        found = self.tables.messages.get(message_id)
        if found is None:
            raise missing("id", message_id)
        if not self.can_read(user, self.tables.chats[found.chat_id]):
            raise denied(record=("Message", message_id))
        if found.deleted_at is not None and not deleted:
            raise missing("id", message_id, "message_deleted")
        return found

    def parent(self, chat: model.Chat) -> model.Chat | None:
        """Return the chat in which a thread was started."""
        thread = chat.thread
        return (
            None
            if thread is None or thread.message_chat_id is None
            else self.tables.chats.get(thread.message_chat_id)
        )

    def root_id(self, chat: model.Chat) -> int:
        """Return the id of the chat that a thread belongs to, else the chat's own."""
        thread = chat.thread
        return chat.id if thread is None or thread.message_chat_id is None else thread.message_chat_id

    def peer(self, chat: model.Chat, viewer_id: int) -> int:
        """Return who is on the other side of a direct chat."""
        return next((each for each in chat.members if each != viewer_id), viewer_id)

    def named(self, nickname: str) -> model.User | None:
        """Return who has a nickname, whatever its case."""
        wanted = nickname.casefold()
        return next(
            (
                each
                for each in self.tables.users.values()
                if not each.deleted and each.nickname.casefold() == wanted
            ),
            None,
        )

    # rights

    def is_admin(self, user: model.User) -> bool:
        """Whether somebody has the workspace's admin role."""
        return user.bot is None and (user.owner or user.role == "admin")

    def can_read(self, user: model.User, chat: model.Chat) -> bool:
        """Whether somebody may read a chat: its members, employees in open ones, and threads of both."""
        if user.id in chat.members:
            return True
        if chat.public:
            return user.role not in {"guest", "multi_guest"}
        parent = self.parent(chat)
        return parent is not None and self.can_read(user, parent)

    def chat_role(self, user: model.User, chat: model.Chat) -> str | None:
        """Return somebody's role in a chat; a thread's parent counts."""
        role = chat.members.get(user.id)
        parent = self.parent(chat)
        if parent is not None and role not in {"owner", "admin"}:
            return parent.members.get(user.id) or role
        return role

    def join_role(self, user: model.User, chat: model.Chat) -> str:
        """Return the chat role that somebody gets on joining."""
        if self.is_admin(user):
            return "admin"
        return "editor" if user.bot is not None and chat.channel else "member"

    def manages(self, user: model.User, chat: model.Chat) -> bool:
        """Whether somebody may remove people, change roles, rename and archive."""
        return self.chat_role(user, chat) in {"owner", "admin"}

    def sees_personal_data(self, viewer: model.User) -> bool:
        """Whether e-mail and phone of others are shown to somebody."""
        if viewer.role == "multi_guest":
            return False
        return self.settings.personal_data or self.is_admin(viewer)

    def chats_of(self, user: model.User) -> list[model.Chat]:
        """Return the chats that somebody is in, without threads, in order of their ids."""
        return [
            each for each in self.tables.chats.values() if each.kind != "thread" and user.id in each.members
        ]

    # records

    def audit(
        self, key: str, entity: tuple[str, object], actor: model.User, details: model.Json | None = None
    ) -> None:
        """Write an audit event."""
        seq = self.next("audit")
        self.tables.audit.append(
            model.Audit(
                seq,
                self.uuid(),
                self.now(),
                key,
                entity[0],
                str(entity[1]),
                str(actor.id),
                details or {},
            )
        )

    def add_message(self, chat: model.Chat, message: model.Message) -> None:
        """Put a message into a chat."""
        self.tables.messages[message.id] = message
        insort(chat.messages, message.id)
        chat.last_message_at = message.created_at
        chat.read[message.user_id] = message.id
        if chat.thread is not None:
            chat.thread.updated_at = message.created_at

    # saving

    def save(self) -> object:
        """Return a copy of everything, for `load`."""
        return copy.deepcopy((self.tables, self.settings)), self.ids.state(), self.secrets.state()

    def load(self, saved: object) -> None:
        """Go back to what `save` returned; it can be used again."""
        match saved:
            case ((Tables() as tables, Settings() as settings), ids, secrets):
                self.tables, self.settings = copy.deepcopy((tables, settings))
                self.ids.restore(ids)
                self.secrets.restore(secrets)
            case _:
                raise TypeError("not a copy made by save()")

    def clear(self) -> None:
        """Forget the world, and draw ids from the beginning."""
        self.tables = Tables()
        self.settings = Settings()
        self.quota.clear()
        self.reseed()

    def reseed(self) -> None:
        """Draw ids and secrets from the beginning of the run's seed, as it is now."""
        self.ids, self.secrets = self._seed.child("pachca"), self._seed.child("pachca/secrets")
