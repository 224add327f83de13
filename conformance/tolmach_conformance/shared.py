"""What the behaviours of one instance share.

What it is for: one object instead of eight arguments. What it must not do: decide anything.
"""

import asyncio
from dataclasses import dataclass, field

from tolmach_conformance.control import Control
from tolmach_conformance.driver import Account, Driver
from tolmach_conformance.journal import Journal
from tolmach_conformance.nonce import Nonces
from tolmach_conformance.subject import SubjectProcess
from tolmach_conformance.watch import Watch

__all__ = ["Shared"]


@dataclass(slots=True)
class Shared:
    """A subject's surroundings.

    ``direct_lane`` is held by the one behaviour that uses DMs; ``revocable`` says that the subject
    logs in with a token.
    """

    control: Control
    journal: Journal
    driver: Driver
    bots: list[Account]
    nonces: Nonces
    clock: bool
    revocable: bool
    direct_lane: asyncio.Lock = field(default_factory=asyncio.Lock)
    subject: SubjectProcess | None = None
    watches: dict[str, Watch] = field(default_factory=dict[str, Watch])

    def watch_of(self, bot_id: str) -> Watch:
        """Return the view of one bot's deeds."""
        if bot_id not in self.watches:
            self.watches[bot_id] = Watch(self.journal, self.driver, bot_id, self.hopeless)
        return self.watches[bot_id]

    def hopeless(self) -> bool:
        """Return whether the subject has ended, so that nothing can be expected of it."""
        return self.subject is not None and not self.subject.running

    @property
    def watch(self) -> Watch:
        """Return the view of the first bot's deeds."""
        return self.watch_of(self.bots[0].id)
