"""Who acts on Pachca: events name people by id only.

What it is for: cards of people, each looked up once in a while. What it must not do: believe a
nickname that ends in ``_bot``; only the card says who is a bot.
"""

from tolmach.adapters.bounded import Bounded
from tolmach.channel.model import Identity, Sender
from tolmach.clock import Clock
from tolmach.errors import NotFound, RemoteError, Unauthorized
from tolmach.pachca import Pachca
from tolmach.pachca.models.user import User

__all__ = ["People", "identity_of", "sender_of"]

FRESH = 600.0


def name_of(user: User) -> str:
    """Return first and last name."""
    return " ".join(part for part in (user.first_name, user.last_name) if part)


def sender_of(user: User) -> Sender:
    """Return a person."""
    return Sender(str(user.id), user.nickname, name_of(user), user.bot)


def identity_of(user: User) -> Identity:
    """Return the account itself."""
    return Identity(str(user.id), user.nickname, name_of(user) or user.nickname, user.bot)


class People:
    """Look people up."""

    def __init__(self, pachca: Pachca, clock: Clock) -> None:
        self._pachca = pachca
        self._clock = clock
        self._known: Bounded[tuple[float, Sender]] = Bounded()

    async def by_id(self, user_id: int) -> Sender | None:
        """Return a person with ``is_bot`` known, None when there is none."""
        now = self._clock.now()
        known = self._known.get(str(user_id))
        if known is not None and now - known[0] < FRESH:
            return known[1]
        try:
            user = await self._pachca.users.get(user_id)
        except NotFound:
            return None
        return self._known.put(str(user_id), (now, sender_of(user)))[1]

    async def sender(self, user_id: int) -> Sender:
        """Return who acted; somebody who cannot be looked up now has an id and nothing else."""
        try:
            found = await self.by_id(user_id)
        except Unauthorized:
            raise
        except RemoteError:
            found = None
        return found or Sender(str(user_id), "", "", None)

    async def by_nickname(self, nickname: str) -> str | None:
        """Return the id of the person with exactly this nickname; the search would take similar ones."""
        async for user in self._pachca.users.list():
            if user.nickname == nickname:
                return str(user.id)
        return None

    def forget(self, user_id: int) -> None:
        """Drop a card that has changed."""
        self._known.drop(str(user_id))
