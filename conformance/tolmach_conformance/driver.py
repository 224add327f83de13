"""The Driver: what one platform has to bring so that the Stage runs on it.

What it is for: the seam between the Stage and a platform's wire; a new platform is one more Driver. What
it must not do: hold the state of a behaviour, or judge.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from tolmach_conformance.journal import Entry
from tolmach_conformance.seen import Deed, Delivery, Post
from tolmach_conformance.sides import Signature

__all__ = ["Account", "Driver"]


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the platform with a credential. ``display`` is the name people see."""

    id: str
    name: str
    display: str
    token: str
    password: str

    @property
    def mention(self) -> str:
        """Return the token that addresses this user in a text."""
        return f"@{self.name}"


class Driver(Protocol):
    """One platform. People act through its public API; only ``make_*`` and faults use the control API."""

    @property
    def name(self) -> str:
        """Return the platform's name, as in manifests and the catalogue."""
        ...

    @property
    def max_text(self) -> int:
        """Return the hard limit of one message."""
        ...

    def size(self, text: str) -> int:
        """Return the length of a text in the limit's unit."""
        ...

    async def prepare(self) -> None:
        """Make the server fit for a run (rate limits off), once per world."""
        ...

    async def make_account(self, name: str, *, bot: bool) -> Account:
        """Create a person or a bot user."""
        ...

    async def make_room(
        self,
        name: str,
        kind: Literal["public", "private", "direct"],
        owner: Account,
        members: Sequence[Account],
    ) -> tuple[str, str]:
        """Create a room; return its id and name."""
        ...

    def placeholders(self, bot: Account) -> Mapping[str, str]:
        """Return what a manifest may write of the server and the bot's credentials."""
        ...

    async def listen(self, bot: Account, url: str) -> None:
        """Tell the platform, as the bot, to deliver its events to a URL."""
        ...

    async def post(self, who: Account, room_id: str, text: str, thread_id: str) -> str:
        """Post a message; return its id."""
        ...

    async def open_direct(self, who: Account, other: Account) -> str:
        """Return the id of the one-to-one chat of two users."""
        ...

    async def edit(self, who: Account, room_id: str, message_id: str, text: str) -> None:
        """Change an own message."""
        ...

    async def delete(self, who: Account, room_id: str, message_id: str) -> None:
        """Delete an own message."""
        ...

    async def react(self, who: Account, message_id: str, emoji: str, *, on: bool) -> None:
        """Add or remove an own reaction."""
        ...

    async def press(self, who: Account, message_id: str, data: str) -> str:
        """Press the button with this data; return the id of the press."""
        ...

    async def pin(self, who: Account, message_id: str, *, on: bool) -> None:
        """Pin or unpin."""
        ...

    async def rename(self, who: Account, room_id: str, kind: str, name: str) -> None:
        """Rename a room."""
        ...

    async def create_room(self, who: Account, name: str, members: Sequence[Account]) -> tuple[str, str]:
        """Open a public room as a person; return its id and name."""
        ...

    async def member(
        self,
        who: Account,
        room_id: str,
        kind: str,
        verb: Literal["invite", "kick", "join", "leave"],
        whom: Account,
    ) -> None:
        """Change who is in a room; for join and leave ``whom`` is ``who``."""
        ...

    async def set_topic(self, who: Account, room_id: str, kind: str, topic: str) -> None:
        """Change a room's topic."""
        ...

    async def change_display_name(self, who: Account, name: str) -> None:
        """Change the own display name."""
        ...

    async def stored(self, who: Account, message_id: str) -> Mapping[str, object]:
        """Return a message as the platform shows it."""
        ...

    async def messages(self, who: Account, room_id: str, kind: str) -> Sequence[Mapping[str, object]]:
        """Return the newest messages of a room as stored now, oldest first, those in threads too."""
        ...

    def operations(self, name: str) -> Sequence[str]:
        """Return the platform's operations for send, edit, react, probe, event, else the name itself."""
        ...

    def fault(self, do: Mapping[str, object]) -> Mapping[str, object]:
        """Return a fault whose ``field`` is neutral (``author``) in the platform's words."""
        ...

    def read(self, entry: Entry, bot_id: str) -> Post | Deed | None:
        """Return what a journal entry says the bot did, None for anything else."""
        ...

    def route(self, bot: Account) -> str:
        """Return the path of the URL that a bot's events are delivered to."""
        ...

    def delivery(self, entry: Entry, bot: Account) -> Delivery | None:
        """Return what a journal entry says of a delivery to a bot, None for anything else."""
        ...

    async def event(self, who: Account, message_id: str, sent_at: float, *, placed: bool) -> bytes:
        """Return the event of a new message that ``who`` can read, as bots get it, sent at a time.

        Without ``placed`` it does not say under which message its thread hangs.
        """
        ...

    async def deliver(self, bot: Account, event: bytes, signature: Signature, signer: Account) -> int:
        """Deliver an event where a bot's go, signed for ``signer``; return the status, 0 for no answer."""
        ...

    async def redeliver(self, message_id: str, times: int) -> None:
        """Send the unchanged event again."""
        ...

    async def frame(self, bot: Account, text: str) -> None:
        """Send raw text down the bot's connections."""
        ...

    async def sockets(self, bot: Account) -> tuple[int, int]:
        """Return the live connections of the bot and the most there were at once."""
        ...

    async def socket_fault(self, bot: Account, verb: Literal["drop", "half-open", "heal"]) -> int:
        """Act on the bot's connections; return how many were concerned."""
        ...

    async def revoke(self, bot: Account) -> None:
        """Revoke the bot's credential."""
        ...
