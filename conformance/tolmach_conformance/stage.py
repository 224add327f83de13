"""The Stage: what a platform driver offers to a behaviour.

What it is for: the only words in which behaviours act and look, so that the same scenario runs on
any platform. What it must not do: name a platform, or know how anything is done.

Every wait has a deadline and is woken by the journal. A text sent by a person ends in a nonce word
unless told otherwise; a turn belongs to the stimulus whose nonce stands in its last user message.
Everything a person says is either awaited (``turn_for``, ``answer_to``) or must cause nothing
(``nothing_happens``); what is neither is scenery.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeAlias

from tolmach_conformance.agent import Answers
from tolmach_conformance.seen import Deed, Post, Room, Said, Turn
from tolmach_conformance.sides import AgentSide, Bot, Faults, SubjectSide, WebhookSide

__all__ = [
    "AgentSide",
    "Bot",
    "Faults",
    "Person",
    "Place",
    "Stage",
    "SubjectSide",
    "Trigger",
    "WebhookSide",
]

Trigger: TypeAlias = Said | Post | str
"""A message: of a person, of the bot, or any by its id."""


class Person(Protocol):
    """Somebody who acts through the platform's public API with a credential of their own."""

    @property
    def id(self) -> str:
        """Return the platform id."""
        ...

    @property
    def name(self) -> str:
        """Return the handle, without ``@``."""
        ...

    @property
    def display(self) -> str:
        """Return the display name."""
        ...

    async def say(
        self,
        room: Room,
        text: str,
        *,
        thread: Trigger | None = None,
        nonce: bool = True,
        agent: Answers | None = None,
    ) -> Said:
        """Post in a room; ``agent`` scripts the fake agent's answers to exactly this message.

        With ``nonce=False`` the text goes out as it is (commands); such a message cannot be scripted.
        """
        ...

    async def dm(
        self, text: str, *, thread: Trigger | None = None, nonce: bool = True, agent: Answers | None = None
    ) -> Said:
        """Post in the one-to-one chat with the bot, opening it if need be."""
        ...

    async def reply(
        self, to: Said | Post, text: str, *, nonce: bool = True, agent: Answers | None = None
    ) -> Said:
        """Post in the thread of ``to``; the thread starts there if ``to`` is at room level."""
        ...

    async def edit(self, message: Said, text: str, *, nonce: bool = True) -> Said:
        """Change an own message; the result is a stimulus of its own with the same message id."""
        ...

    async def delete(self, message: Said) -> None:
        """Delete an own message."""
        ...

    async def react(self, to: Trigger, emoji: str) -> None:
        """Add a reaction; ``emoji`` is a name without colons."""
        ...

    async def unreact(self, to: Trigger, emoji: str) -> None:
        """Take an own reaction away."""
        ...

    async def press(self, post: Post, data: str) -> Said:
        """Press a button of the bot's post; ``data`` is the button's and ends in a nonce word."""
        ...

    async def pin(self, message: Trigger) -> None:
        """Pin a message."""
        ...

    async def unpin(self, message: Trigger) -> None:
        """Unpin a message."""
        ...

    async def rename(self, room: Room, name: str) -> Room:
        """Rename a room; return it under its new name."""
        ...

    async def create_room(self, name: str | None = None, *, members: Sequence["Person | Bot"] = ()) -> Room:
        """Open a public room, after the subject's start and unknown to its settings."""
        ...

    async def invite(self, room: Room, who: "Person | Bot") -> None:
        """Add somebody to a room."""
        ...

    async def kick(self, room: Room, who: "Person | Bot") -> None:
        """Remove somebody from a room."""
        ...

    async def join(self, room: Room) -> None:
        """Join a public room."""
        ...

    async def leave(self, room: Room) -> None:
        """Leave a room."""
        ...

    async def set_topic(self, room: Room, topic: str) -> None:
        """Change what the room is about."""
        ...

    async def change_display_name(self, name: str) -> None:
        """Change the own display name."""
        ...


Place: TypeAlias = Room | Said | Person
"""A lane: a room, the lane of a stimulus (its thread, room or DM), or the DM with a person."""


class Stage(Protocol):
    """One behaviour's own world: people and rooms that it shares with no other behaviour."""

    @property
    def platform(self) -> str:
        """Return the platform's name."""
        ...

    def new_nonce(self) -> str:
        """Return a nonce word for a stimulus that is prepared before it happens, as a button's data is."""
        ...

    @property
    def bot(self) -> Bot:
        """Return the subject's user."""
        ...

    @property
    def second(self) -> Bot:
        """Return the user of the second account; needs ``accounts=2``."""
        ...

    @property
    def alice(self) -> Person:
        """Return a person whom the default settings admit to DMs."""
        ...

    @property
    def bob(self) -> Person:
        """Return a person whom they do not."""
        ...

    @property
    def otherbot(self) -> Person:
        """Return another bot."""
        ...

    @property
    def agent(self) -> AgentSide:
        """Return the fake agent."""
        ...

    @property
    def faults(self) -> Faults:
        """Return faults, sockets and clock."""
        ...

    @property
    def subject(self) -> SubjectSide:
        """Return the operator's view."""
        ...

    @property
    def webhook(self) -> WebhookSide:
        """Return the address where the subject takes events; needs ``webhook``."""
        ...

    @property
    def max_text(self) -> int:
        """Return the platform's hard limit of one message, in its own unit (``size``)."""
        ...

    def size(self, text: str) -> int:
        """Return how long a text is in the platform's unit."""
        ...

    def person(self, name: str) -> Person:
        """Return a person declared by the behaviour (``people=("carol",)``)."""
        ...

    async def room(self, name: str = "room") -> Room:
        """Return a declared room; the default one is listed, with alice, bob, otherbot and the bot in it."""
        ...

    async def unlisted_room(self) -> Room:
        """Return a room that has the same members and stands in no setting."""
        ...

    async def direct(self, person: Person) -> Room:
        """Return the room of the one-to-one chat between a person and the bot."""
        ...

    async def turn_for(self, said: Said, *, within: float = 10.0) -> Turn:
        """Wait for the turn that a stimulus starts; exactly one may ever be started."""
        ...

    def turns_for(self, said: Said) -> Sequence[Turn]:
        """Return the turns seen so far: one, plus one for each that repeats without cause.

        Requests that end in a tool message or follow a failed answer belong to the turn before them.
        """
        ...

    def requests_for(self, said: Said) -> Sequence[Turn]:
        """Return every agent request for a stimulus so far, those inside one turn too."""
        ...

    async def next_request(self, turn: Turn, *, within: float = 10.0) -> Turn:
        """Wait for the next request of the same turn (after a tool call or an agent error)."""
        ...

    async def answer_to(self, said: Said, *, within: float = 10.0) -> Post:
        """Wait for the turn of a stimulus and the bot's first post in the same room after it."""
        ...

    async def answers_to(self, said: Said, parts: int, *, within: float = 10.0) -> Sequence[Post]:
        """Wait for that many posts in the same room after the turn began."""
        ...

    async def reply_to(self, said: Said, *, within: float = 10.0) -> Post:
        """Wait for the bot's first post in the room after a stimulus, turn or not (commands, notices)."""
        ...

    async def reaction_on(self, message: Trigger, *, within: float = 10.0) -> Deed:
        """Wait for a reaction of the bot to a message."""
        ...

    async def deed(
        self, kind: str, *, room: Room | None = None, after: int = 0, within: float = 10.0
    ) -> Deed:
        """Wait for an edit, delete, reaction, typing, pin or read of the bot."""
        ...

    async def settled(self, said: Said) -> None:
        """Wait until the turn of a stimulus was answered and the answer posted."""
        ...

    async def nothing_happens(
        self, place: Place, *, after: Said | None = None, by: Person | None = None
    ) -> None:
        """Prove that what was done in a lane caused no turn and no outbound call.

        A sentinel of an admitted sender goes down the same lane; where the lane admits nobody, down
        another one, and the journal is read again after the subject's stop. ``after`` restricts the proof
        to what came after a stimulus; ``by`` names the admitted sender when the settings hide it.
        """
        ...

    async def no_turn(self, said: Said, *, by: Person | None = None) -> None:
        """Prove that a stimulus starts no turn; posts are allowed (commands, notices)."""
        ...

    def posts(self, room: Room | None = None, *, after: int = 0) -> Sequence[Post]:
        """Return the bot's posts so far, in order; in all of the behaviour's rooms without ``room``.

        Answers to the suite's own sentinels are left out.
        """
        ...

    def deeds(self, room: Room | None = None, *, kind: str | None = None, after: int = 0) -> Sequence[Deed]:
        """Return the bot's other calls so far, in order."""
        ...

    def calls(self, operation: str, *, after: int = 0) -> Sequence[Mapping[str, object]]:
        """Return the journal entries of the bot's calls of an operation, refused ones too.

        The one window on the platform's own words; use it only where the row is about them. The neutral
        names ``send``, ``edit``, ``react`` and ``probe`` stand for all operations of that meaning, here and
        in faults.
        """
        ...

    def now(self) -> int:
        """Return the journal position as seen now."""
        ...

    async def catch_up(self) -> int:
        """Read the journal up to this moment; return its position."""
        ...

    async def messages(self, room: Room) -> Sequence[Mapping[str, object]]:
        """Return the newest messages of a room as the platform shows them to alice now."""
        ...

    async def probed(self, *, within: float = 10.0) -> None:
        """Wait until a check of the credential by the bot was refused after the revocation."""
        ...

    async def shut_out(self, *, after: Said, within: float = 10.0) -> None:
        """Wait until a call of the bot after a stimulus, whichever it is, was refused for its credential."""
        ...

    async def no_repeat(self, said: Said) -> None:
        """Prove that a stimulus starts no second turn; its first turn, and posts, are allowed."""
        ...

    async def came_back(self, *, after: int) -> bool:
        """Return whether the bot logged in on a new connection since a journal position, up to now."""
        ...

    async def never_connected(self, bot: Bot) -> bool:
        """Return whether the platform has seen neither a call nor a login of a bot."""
        ...

    async def post_of(self, bot: Bot, said: Said, *, within: float = 10.0) -> Post:
        """Wait for the first post of that bot (``second``, say) in the room of a stimulus."""
        ...

    async def stored(self, message: Trigger) -> Mapping[str, object]:
        """Return a message as the platform shows it to alice now."""
        ...
