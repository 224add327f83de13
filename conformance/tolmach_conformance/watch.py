"""Turns, posts and deeds of one bot, read from the journal once and waited for.

What it is for: the typed view of the journal that Stage and audit share. What it must not do: know a
behaviour.
"""

from collections.abc import Callable, Iterator

from tolmach_conformance.driver import Driver
from tolmach_conformance.journal import Entry, Journal
from tolmach_conformance.reading import read_turn
from tolmach_conformance.seen import Deed, Post, Turn

__all__ = ["Watch"]


class Watch:
    """Watch the journal for the bot ``bot_id``. Every iterator yields what was read so far.

    Waits end early when ``hopeless()``: the subject has ended.
    """

    def __init__(
        self, journal: Journal, driver: Driver, bot_id: str, hopeless: Callable[[], bool] = lambda: False
    ) -> None:
        self.journal = journal
        self._hopeless = hopeless
        self._driver = driver
        self._bot_id = bot_id
        self._turns: dict[int, Turn] = {}
        self._deeds: dict[int, Post | Deed | None] = {}

    def turns(self, after: int) -> Iterator[Turn]:
        """Yield the agent requests of everybody."""
        for entry in self.journal.since(after):
            if entry.kind == "agent.request":
                yield self._turn(entry)

    def posts(self, after: int, room_id: str = "") -> Iterator[Post]:
        """Yield the bot's posts, of one room if it is given."""
        for entry in self.journal.since(after):
            found = self._deed(entry)
            if isinstance(found, Post) and room_id in {"", found.room_id}:
                yield found

    def deeds(self, after: int) -> Iterator[Deed]:
        """Yield the bot's other calls."""
        for entry in self.journal.since(after):
            found = self._deed(entry)
            if isinstance(found, Deed):
                yield found

    async def turn(self, match: Callable[[Turn], bool], *, after: int, within: float) -> Turn | None:
        """Wait for an agent request."""
        entry = await self.journal.wait(
            lambda e: e.kind == "agent.request" and match(self._turn(e)),
            after=after,
            within=within,
            hopeless=self._hopeless,
        )
        return None if entry is None else self._turn(entry)

    async def post(self, match: Callable[[Post], bool], *, after: int, within: float) -> Post | None:
        """Wait for a post of the bot."""

        def wanted(entry: Entry) -> bool:
            found = self._deed(entry)
            return isinstance(found, Post) and match(found)

        entry = await self.journal.wait(wanted, after=after, within=within, hopeless=self._hopeless)
        found = None if entry is None else self._deed(entry)
        return found if isinstance(found, Post) else None

    async def deed(self, match: Callable[[Deed], bool], *, after: int, within: float) -> Deed | None:
        """Wait for another call of the bot."""

        def wanted(entry: Entry) -> bool:
            found = self._deed(entry)
            return isinstance(found, Deed) and match(found)

        entry = await self.journal.wait(wanted, after=after, within=within, hopeless=self._hopeless)
        found = None if entry is None else self._deed(entry)
        return found if isinstance(found, Deed) else None

    def _turn(self, entry: Entry) -> Turn:
        if entry.seq not in self._turns:
            self._turns[entry.seq] = read_turn(entry)
        return self._turns[entry.seq]

    def _deed(self, entry: Entry) -> Post | Deed | None:
        if entry.kind not in {"http", "ddp.in", "typing"}:
            return None
        if entry.seq not in self._deeds:
            self._deeds[entry.seq] = self._driver.read(entry, self._bot_id)
        return self._deeds[entry.seq]
