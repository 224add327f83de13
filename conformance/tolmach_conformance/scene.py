"""The Stage of one behaviour, on any platform: people, waits and proofs over driver and journal.

What it is for: fulfil the Stage. What it must not do: name a platform, start a subject, or give a verdict
beyond raising it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from tolmach_conformance.actor import Actor, message_id
from tolmach_conformance.agent import Answers
from tolmach_conformance.barrier import shorten
from tolmach_conformance.behaviour import Behaviour, RoomSpec
from tolmach_conformance.driver import Account, Driver
from tolmach_conformance.journal import Entry, Journal
from tolmach_conformance.ledger import Ledger
from tolmach_conformance.lever import AgentLever, FaultLever
from tolmach_conformance.nonce import find_nonces
from tolmach_conformance.reading import ends_in_tool, outcome_of
from tolmach_conformance.seen import Deed, Post, Room, Said, Turn
from tolmach_conformance.shared import Shared
from tolmach_conformance.sides import Bot, SubjectSide
from tolmach_conformance.silence import no_repeat, prove_silence
from tolmach_conformance.stage import Person, Place, Trigger
from tolmach_conformance.verdict import Failed, HarnessError
from tolmach_conformance.watch import Watch
from tolmach_conformance.webhook import WebhookLever

__all__ = ["Scene", "Setting"]

_REFUSED: Final = 400


@dataclass(slots=True)
class Setting:
    """What was made for one behaviour before the subject started."""

    people: Mapping[str, Account]
    rooms: dict[str, Room]
    ledger: Ledger = field(default_factory=Ledger)


class Scene:
    """One behaviour's Stage. Made by the instance, which also closes it."""

    def __init__(self, behaviour: Behaviour, setting: Setting, shared: Shared, subject: SubjectSide) -> None:
        self.behaviour = behaviour
        self.ledger = setting.ledger
        self.deaf = False
        self._shared = shared
        self._subject = subject
        self._people = {name: Actor(account, self) for name, account in setting.people.items()}
        self._rooms = setting.rooms
        self._directs: dict[str, Room] = {}
        self._holds_direct = False
        self._names = 0
        self._agent = AgentLever(shared, setting.ledger)
        self._faults = FaultLever(shared, self)
        self._webhook = WebhookLever(shared, self)
        self.watch: Watch = shared.watch

    # who and where

    @property
    def driver(self) -> Driver:
        """Return the platform's driver."""
        return self._shared.driver

    @property
    def journal(self) -> Journal:
        """Return the journal."""
        return self._shared.journal

    @property
    def platform(self) -> str:
        """Return the platform's name."""
        return self.driver.name

    @property
    def bot(self) -> Account:
        """Return the subject's user."""
        return self._shared.bots[0]

    @property
    def second(self) -> Account:
        """Return the user of the second account."""
        if len(self._shared.bots) < 2:
            raise HarnessError("the behaviour asks for a second account without accounts=2")
        return self._shared.bots[1]

    @property
    def alice(self) -> Person:
        """Return alice."""
        return self.person("alice")

    @property
    def bob(self) -> Person:
        """Return bob."""
        return self.person("bob")

    @property
    def otherbot(self) -> Person:
        """Return the other bot."""
        return self.person("otherbot")

    @property
    def agent(self) -> AgentLever:
        """Return the fake agent."""
        return self._agent

    @property
    def faults(self) -> FaultLever:
        """Return faults, sockets and clock."""
        return self._faults

    @property
    def subject(self) -> SubjectSide:
        """Return the operator's view."""
        return self._subject

    @property
    def webhook(self) -> WebhookLever:
        """Return the address where the subject takes events."""
        return self._webhook

    @property
    def max_text(self) -> int:
        """Return the platform's limit."""
        return self.driver.max_text

    def size(self, text: str) -> int:
        """Return a text's length in the platform's unit."""
        return self.driver.size(text)

    def person(self, name: str) -> Person:
        """Return a declared person."""
        if name not in self._people:
            raise HarnessError(f"the behaviour declares no person {name!r}")
        return self._people[name]

    async def room(self, name: str = "room") -> Room:
        """Return a declared room."""
        if name not in self._rooms:
            raise HarnessError(f"the behaviour declares no room {name!r}")
        return self._rooms[name]

    async def unlisted_room(self) -> Room:
        """Return the unlisted room; one that was not made beforehand is opened now."""
        if "unlisted" not in self._rooms:
            members = [self.account_of(self.bob), self.account_of(self.otherbot), *self._shared.bots]
            alice = self.account_of(self.alice)
            made, name = await self.driver.create_room(alice, self.fresh_name("unlisted"), members)
            self._rooms["unlisted"] = Room(made, name, "public", listed=False)
            self.ledger.rooms.add(made)
        return self._rooms["unlisted"]

    async def direct(self, person: Person) -> Room:
        """Return the DM of a person with the bot."""
        return await self.direct_for(self.account_of(person))

    async def direct_for(self, account: Account) -> Room:
        """Return the DM of an account with the bot. DMs share a session, so one behaviour at a time."""
        if not self._holds_direct:
            await self._shared.direct_lane.acquire()
            self._holds_direct = True
        if account.id not in self._directs:
            made = await self.driver.open_direct(account, self.bot)
            self._directs[account.id] = Room(made, account.name, "direct", listed=False)
            self.ledger.rooms.add(made)
        return self._directs[account.id]

    def partner(self, room_id: str) -> str | None:
        """Return who talks to the bot in a DM, None if the room is none."""
        owner = next((one for one, room in self._directs.items() if room.id == room_id), None)
        return next((name for name, actor in self._people.items() if actor.id == owner), None)

    def room_by_id(self, room_id: str) -> Room:
        """Return a room of the behaviour."""
        for room in (*self._rooms.values(), *self._directs.values()):
            if room.id == room_id:
                return room
        raise HarnessError(f"{room_id} is no room of this behaviour")

    def kind_of(self, room_id: str) -> str:
        """Return a room's kind."""
        return self.room_by_id(room_id).kind

    def spec_of(self, room_id: str) -> RoomSpec | None:
        """Return how a room was declared, None for one that was opened later."""
        name = next((name for name, room in self._rooms.items() if room.id == room_id), None)
        return None if name is None else self.behaviour.rooms.get(name)

    def adopt(self, room: Room) -> Room:
        """Make a room known, under its new name if it was before."""
        known = next((name for name, one in self._rooms.items() if one.id == room.id), None)
        self._rooms[known or f"+{room.id}"] = room
        self.ledger.rooms.add(room.id)
        return room

    def account_of(self, who: Person | Bot) -> Account:
        """Return the account behind a person or bot."""
        for account in (*self._shared.bots, *(actor.account for actor in self._people.values())):
            if account.id == who.id:
                return account
        raise HarnessError(f"{who.name} is nobody of this behaviour")

    def fresh_name(self, word: str) -> str:
        """Return a new name."""
        self._names += 1
        return f"{word}{self._names}-{self._shared.nonces.new()}"

    # what actors need

    def new_nonce(self) -> str:
        """Return a nonce."""
        return self._shared.nonces.new()

    def now(self) -> int:
        """Return the journal position as seen now."""
        return self.journal.position

    def record(self, said: Said) -> None:
        """Write a stimulus down."""
        self.ledger.record(said)

    async def script(self, nonce: str, answers: Answers) -> None:
        """Script the agent for one nonce."""
        await self._agent.script(nonce, answers)

    # turns

    async def turn_for(self, said: Said, *, within: float = 10.0) -> Turn:
        """Wait for the turn of a stimulus."""
        self.ledger.expects(said)
        turn = await self.watch.turn(
            lambda turn: self.ledger.owner(turn) == said, after=said.seq, within=within
        )
        if turn is None:
            raise Failed(f'no turn for "{shorten(said.text)}" within {within:g} s{self._near(said)}')
        return turn

    def requests_for(self, said: Said) -> Sequence[Turn]:
        """Return every request of a stimulus so far."""
        return [turn for turn in self.watch.turns(said.seq) if self.ledger.owner(turn) == said]

    def turns_for(self, said: Said) -> Sequence[Turn]:
        """Return the turns of a stimulus so far; tool answers and repeats after an error continue one."""
        outcomes = dict(outcome_of(entry) for entry in self._answers(said.seq))
        turns: list[Turn] = []
        previous: Turn | None = None
        for request in self.requests_for(said):
            failed = previous is not None and outcomes.get(previous.seq) in {"failed", "cut"}
            if not (ends_in_tool(request) or failed) or not turns:
                turns.append(request)
            previous = request
        return turns

    async def next_request(self, turn: Turn, *, within: float = 10.0) -> Turn:
        """Wait for the next request of the same turn."""
        said = self.ledger.owner(turn)
        found = await self.watch.turn(
            lambda other: self.ledger.owner(other) == said, after=turn.seq, within=within
        )
        if found is None:
            raise Failed("the agent was not asked again within the turn")
        return found

    def _answers(self, after: int) -> Sequence[Entry]:
        return [entry for entry in self.journal.since(after) if entry.kind == "agent.answer"]

    # posts and other deeds

    async def answer_to(self, said: Said, *, within: float = 10.0) -> Post:
        """Wait for a stimulus' turn and the first post after it in the room."""
        return (await self.answers_to(said, 1, within=within))[0]

    async def answers_to(self, said: Said, parts: int, *, within: float = 10.0) -> Sequence[Post]:
        """Wait for that many posts after the turn began."""
        turn = await self.turn_for(said, within=within)
        posts: list[Post] = []
        seen = turn.seq
        for _ in range(parts):
            post = await self._next_post(said, seen, within)
            if post is None:
                raise Failed(self._missing(said, turn.seq, len(posts), parts, within))
            posts.append(post)
            seen = post.seq
        self.ledger.mark(said.room_id, seen)
        return posts

    async def reply_to(self, said: Said, *, within: float = 10.0) -> Post:
        """Wait for the first post in the room after a stimulus, turn or not."""
        self.ledger.replied(said)
        post = await self._next_post(said, max(said.seq, self.ledger.marks.get(said.room_id, 0)), within)
        if post is None:
            raise Failed(self._missing(said, said.seq, 0, 1, within))
        self.ledger.mark(said.room_id, post.seq)
        return post

    async def _next_post(self, said: Said, after: int, within: float) -> Post | None:
        def fits(post: Post) -> bool:
            others = [word for word in find_nonces(post.text) if word != said.nonce]
            return post.room_id == said.room_id and (not others or said.nonce in post.text)

        return await self.watch.post(fits, after=after, within=within)

    async def post_of(self, bot: Bot, said: Said, *, within: float = 10.0) -> Post:
        """Wait for the first post of a bot in the room of a stimulus."""
        watch = self._shared.watch_of(bot.id)
        self.ledger.expects(said)
        post = await watch.post(lambda post: post.room_id == said.room_id, after=said.seq, within=within)
        if post is None:
            raise Failed(f"no post by {bot.name} within {within:g} s")
        return post

    async def reaction_on(self, message: Trigger, *, within: float = 10.0) -> Deed:
        """Wait for a reaction to a message."""
        wanted = message_id(message)
        found = await self.watch.deed(
            lambda deed: deed.kind == "reaction" and deed.message_id == wanted and deed.status < _REFUSED,
            after=self.ledger.started,
            within=within,
        )
        if found is None:
            raise Failed(f"no reaction within {within:g} s")
        return found

    async def deed(
        self, kind: str, *, room: Room | None = None, after: int = 0, within: float = 10.0
    ) -> Deed:
        """Wait for another call of the bot in the behaviour's rooms."""
        rooms = self.ledger.rooms if room is None else {room.id}
        found = await self.watch.deed(
            lambda deed: deed.kind == kind and self._room_of(deed) in rooms,
            after=max(after, self.ledger.started),
            within=within,
        )
        if found is None:
            raise Failed(f"no {kind} within {within:g} s")
        return found

    async def settled(self, said: Said) -> None:
        """Wait until a stimulus' turn was answered and posted."""
        await self.agent.answered(await self.turn_for(said))
        await self.answer_to(said)

    async def probed(self, *, within: float = 10.0) -> None:
        """Wait until a check of the credential was refused."""
        names = self.driver.operations("probe")

        def fits(entry: Entry) -> bool:
            return entry.operation in names and entry.status == 401 and self._is_bots(entry)

        if await self.journal.wait(fits, after=self.ledger.started, within=within) is None:
            raise Failed("the bot did not check its credential in time")

    async def shut_out(self, *, after: Said, within: float = 10.0) -> None:
        """Wait until any call was refused for its credential."""

        def fits(entry: Entry) -> bool:
            return entry.status == 401 and self._is_bots(entry)

        if await self.journal.wait(fits, after=after.seq, within=within) is None:
            raise Failed("the bot did not try to use its credential")

    def _is_bots(self, entry: Entry) -> bool:
        """Tell whether the bot made a call, as itself or with a credential that no longer counts."""
        return entry.is_call and (entry.actor or entry.detail.get("claimed")) == self.bot.id

    # silence

    async def nothing_happens(
        self, place: Place, *, after: Said | None = None, by: Person | None = None
    ) -> None:
        """Prove that nothing was caused."""
        await prove_silence(self, place, after=after, by=by, outbound=True)

    async def no_turn(self, said: Said, *, by: Person | None = None) -> None:
        """Prove that no turn was started."""
        await prove_silence(self, said, after=None, by=by, outbound=False)

    async def no_repeat(self, said: Said) -> None:
        """Prove that there was one turn."""
        await no_repeat(self, said)

    def answers_expected(self, post: Post) -> bool:
        """Return whether a post answers a stimulus that the behaviour awaits."""
        awaited = [*self.ledger.expected, *self.ledger.answered]
        if {said.nonce for said in awaited if said.nonce} & set(find_nonces(post.text)):
            return True
        seqs = {r.seq for said in self.ledger.expected for r in self.requests_for(said)}
        told = [entry.text for entry in self._answers(self.ledger.started) if outcome_of(entry)[0] in seqs]
        text = post.text.strip()
        return bool(text) and any(text in one or one.strip() in text for one in told if one.strip())

    def sign_belated(self, deed: Deed) -> bool:
        """Return whether a typing sign is the first one after an awaited stimulus, so that one's own."""
        awaited = [s.seq for s in self.ledger.expected if s.room_id == deed.room_id and s.seq < deed.seq]
        if deed.kind != "typing" or not awaited:
            return False
        earlier = self.watch.deeds(max(awaited))
        return not any(
            d.kind == "typing" and d.on and d.room_id == deed.room_id and d.seq < deed.seq for d in earlier
        )

    # looking back

    def posts(self, room: Room | None = None, *, after: int = 0) -> Sequence[Post]:
        """Return the bot's posts so far, answers to sentinels left out."""
        rooms = self.ledger.rooms if room is None else {room.id}
        found = self.watch.posts(max(after, self.ledger.started))
        return [p for p in found if p.room_id in rooms and p.seq not in self.ledger.sentinel_posts]

    def deeds(self, room: Room | None = None, *, kind: str | None = None, after: int = 0) -> Sequence[Deed]:
        """Return the bot's other calls so far."""
        rooms = self.ledger.rooms if room is None else {room.id}
        found = self.watch.deeds(max(after, self.ledger.started))
        return [d for d in found if self._room_of(d) in rooms and kind in {None, d.kind}]

    def calls(self, operation: str, *, after: int = 0) -> Sequence[Mapping[str, object]]:
        """Return the journal entries of the bot's calls in the behaviour's rooms."""
        names = self.driver.operations(operation)
        return [
            entry.raw
            for entry in self.journal.since(max(after, self.ledger.started))
            if entry.operation in names
            and entry.is_call
            and entry.actor == self.bot.id
            and (not entry.room_id or entry.room_id in self.ledger.rooms)
        ]

    def _room_of(self, deed: Deed) -> str:
        """Return a deed's room; a reaction names only its message."""
        if deed.room_id:
            return deed.room_id
        known = {said.id: said.room_id for said in self.ledger.said}
        known.update({post.id: post.room_id for post in self.watch.posts(self.ledger.started)})
        return known.get(deed.message_id, "")

    async def catch_up(self) -> int:
        """Read the journal up to now."""
        return await self.journal.catch_up()

    async def messages(self, room: Room) -> Sequence[Mapping[str, object]]:
        """Return a room's messages as alice sees them."""
        return await self.driver.messages(self.account_of(self.alice), room.id, room.kind)

    async def stored(self, message: Trigger) -> Mapping[str, object]:
        """Return a message as alice sees it."""
        return await self.driver.stored(self.account_of(self.alice), message_id(message))

    async def came_back(self, *, after: int) -> bool:
        """Return whether the bot logged in again."""
        await self.journal.catch_up()
        entries = self.journal.since(after)
        return any(entry.kind == "socket.login" and entry.actor == self.bot.id for entry in entries)

    async def never_connected(self, bot: Bot) -> bool:
        """Return whether the platform knows nothing of a bot."""
        await self.journal.catch_up()
        entries = self.journal.since(self.ledger.started)
        return not any(entry.is_call and entry.actor == bot.id for entry in entries)

    # the end

    async def close(self) -> None:
        """Take back what the behaviour left: gates, faults, the DM lane."""
        try:
            await self._agent.close()
            await self._faults.close()
        finally:
            if self._holds_direct:
                self._shared.direct_lane.release()
                self._holds_direct = False

    def _near(self, said: Said) -> str:
        others = [turn for turn in self.watch.turns(said.seq) if self.ledger.owner(turn) is not None]
        return f'; the nearest turn says "{shorten(others[-1].text)}"' if others else ""

    def _missing(self, said: Said, after: int, found: int, wanted: int, within: float) -> str:
        asked = f'"{shorten(said.text)}"'
        if found:
            return f"{found} of {wanted} posts answered {asked} within {within:g} s"
        elsewhere = [p for p in self.watch.posts(after) if said.nonce and said.nonce in p.text]
        if elsewhere:
            return f"the answer to {asked} was posted in another place"
        return f"nothing was posted for {asked} within {within:g} s"
