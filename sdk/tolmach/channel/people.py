"""Facts about people and messages that decisions ask for, looked up once.

What it is for: is somebody a bot, who wrote a thread's root. What it must not do: guess; what
cannot be looked up stays unknown.
"""

import logging
from collections import OrderedDict

from tolmach.channel.model import Sender
from tolmach.channel.platform import Platform
from tolmach.clock import Clock
from tolmach.errors import TolmachError, Unauthorized

__all__ = ["People"]

log = logging.getLogger("tolmach.channel")

KEPT = 2048
FRESH = 600.0


class People:
    """Look up for one account, with a bounded memory. Failures are not remembered."""

    def __init__(self, platform: Platform, clock: Clock) -> None:
        self._platform = platform
        self._clock = clock
        self._people: OrderedDict[str, tuple[float, Sender]] = OrderedDict()
        self._roots: OrderedDict[str, str] = OrderedDict()

    async def person(self, user_id: str) -> Sender | None:
        """Return a person with ``is_bot`` known, None when nobody can say."""
        now = self._clock.now()
        known = self._people.get(user_id)
        if known and now - known[0] < FRESH:
            return known[1]
        try:
            person = await self._platform.person(user_id)
        except Unauthorized:
            raise
        except TolmachError as error:
            log.info("cannot look up user=%s: %s", user_id, error)
            return None
        if person is None or person.is_bot is None:
            return None
        self._people[user_id] = (now, person)
        self._people.move_to_end(user_id)
        while len(self._people) > KEPT:
            self._people.popitem(last=False)
        return person

    async def root_author(self, message_id: str) -> str:
        """Return the id of who wrote a message, an empty string when nobody can say."""
        known = self._roots.get(message_id)
        if known is not None:
            return known
        try:
            message = await self._platform.message(message_id)
        except Unauthorized:
            raise
        except TolmachError as error:
            log.info("cannot look up message=%s: %s", message_id, error)
            return ""
        if message is None:
            return ""
        self._roots[message_id] = message.sender.id
        while len(self._roots) > KEPT:
            self._roots.popitem(last=False)
        return message.sender.id
