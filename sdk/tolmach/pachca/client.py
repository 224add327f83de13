"""The client: one object per token.

What it is for: putting the transport and the namespaces together. What it must not do: hold logic of a
resource, or load one that is not used.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Self

from tolmach.clock import Clock, SystemClock
from tolmach.errors import ConfigError, LocalProtocolError
from tolmach.pachca.dialect import read_answer
from tolmach.pachca.pace import TokenPacer
from tolmach.transport.http import Dialect, Http
from tolmach.transport.query import bracketed
from tolmach.transport.redaction import forget, hide
from tolmach.transport.retry import RetryPolicy
from tolmach.transport.url import server_url

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    import aiohttp

    from tolmach.pachca.api import Api
    from tolmach.pachca.resources.audit import Audit
    from tolmach.pachca.resources.bot import OwnBot
    from tolmach.pachca.resources.bot_tokens import BotTokens
    from tolmach.pachca.resources.bots import Bots
    from tolmach.pachca.resources.chats import Chats
    from tolmach.pachca.resources.company import Company
    from tolmach.pachca.resources.custom_properties import CustomProperties
    from tolmach.pachca.resources.drafts import Drafts
    from tolmach.pachca.resources.exports import Exports
    from tolmach.pachca.resources.files import Files
    from tolmach.pachca.resources.members import Members
    from tolmach.pachca.resources.messages import Messages
    from tolmach.pachca.resources.oauth import OAuth
    from tolmach.pachca.resources.profile import Profile
    from tolmach.pachca.resources.reactions import Reactions
    from tolmach.pachca.resources.search import Search
    from tolmach.pachca.resources.tags import Tags
    from tolmach.pachca.resources.tasks import Tasks
    from tolmach.pachca.resources.threads import Threads
    from tolmach.pachca.resources.uploads import Uploads
    from tolmach.pachca.resources.users import Users
    from tolmach.pachca.resources.views import Views
    from tolmach.pachca.resources.webhooks import Webhooks

__all__ = ["API_BASE", "Pachca"]

API_BASE = "https://api.pachca.com/api/shared/v1"

_PATIENCE = RetryPolicy(tries=4, first_wait=1.0, longest_backoff=4.0, cap=60.0, jitter=0.25)


class Pachca:
    """Talk to Pachca with one token.

    ::

        async with Pachca(token) as pachca:
            await pachca.messages.create(chat_id=334, content="Hello")

    Without ``token`` only what needs none works (``oauth.exchange``). ``insecure`` allows plain http,
    ``timeout`` is seconds for each attempt, ``client_session`` an aiohttp session to share, ``pacer``
    the limiter (share one between clients of the same token).

    Raises ConfigError for an address or token that cannot be right.
    """

    def __init__(
        self,
        token: str | None,
        *,
        api_base: str = API_BASE,
        clock: Clock | None = None,
        insecure: bool = False,
        timeout: float = 30.0,
        client_session: aiohttp.ClientSession | None = None,
        pacer: TokenPacer | None = None,
    ) -> None:
        self.url = server_url(api_base, insecure=insecure, path="api_base")
        self.clock: Clock = clock or SystemClock()
        self._token = _checked(token)
        hide(token)
        self.http = Http(
            self.url,
            session=client_session,
            clock=self.clock,
            dialect=Dialect(headers=self._headers, read_answer=read_answer, query=bracketed),
            policy=_PATIENCE,
            timeout=timeout,
            limiter=pacer or TokenPacer(),
        )

    def __repr__(self) -> str:
        return f"Pachca({self.url!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the session, unless it was handed in, and forget the token; idempotent."""
        await self.http.aclose()
        if self._token:
            forget(self._token)
            self._token = ""

    @cached_property
    def _api(self) -> Api:
        # The models' library costs as much as all the rest: it is loaded when a call is made.
        from tolmach.pachca.api import Api

        return Api(self.http)

    @cached_property
    def audit(self) -> Audit:
        """Read the audit log."""
        from tolmach.pachca.resources.audit import Audit

        return Audit(self._api)

    @cached_property
    def bot(self) -> OwnBot:
        """Change the bot whose token is used."""
        from tolmach.pachca.resources.bot import OwnBot

        return OwnBot(self._api)

    @cached_property
    def bot_tokens(self) -> BotTokens:
        """Manage the tokens of bots."""
        from tolmach.pachca.resources.bot_tokens import BotTokens

        return BotTokens(self._api)

    @cached_property
    def bots(self) -> Bots:
        """Manage bots."""
        from tolmach.pachca.resources.bots import Bots

        return Bots(self._api)

    @cached_property
    def chats(self) -> Chats:
        """Manage chats."""
        from tolmach.pachca.resources.chats import Chats

        return Chats(self._api)

    @cached_property
    def company(self) -> Company:
        """List the company's chats and bots."""
        from tolmach.pachca.resources.company import Company

        return Company(self._api)

    @cached_property
    def custom_properties(self) -> CustomProperties:
        """List custom properties."""
        from tolmach.pachca.resources.custom_properties import CustomProperties

        return CustomProperties(self._api)

    @cached_property
    def drafts(self) -> Drafts:
        """Manage drafts and scheduled messages."""
        from tolmach.pachca.resources.drafts import Drafts

        return Drafts(self._api)

    @cached_property
    def exports(self) -> Exports:
        """Export messages."""
        from tolmach.pachca.resources.exports import Exports

        return Exports(self._api)

    @cached_property
    def files(self) -> Files:
        """Download files."""
        from tolmach.pachca.resources.files import Files

        return Files(self._api)

    @cached_property
    def members(self) -> Members:
        """Manage the members of chats and threads."""
        from tolmach.pachca.resources.members import Members

        return Members(self._api)

    @cached_property
    def messages(self) -> Messages:
        """Send, read, edit, delete and pin messages."""
        from tolmach.pachca.resources.messages import Messages

        return Messages(self._api)

    @cached_property
    def oauth(self) -> OAuth:
        """Inspect, exchange and revoke tokens."""
        from tolmach.pachca.resources.oauth import OAuth

        return OAuth(self._api)

    @cached_property
    def profile(self) -> Profile:
        """See and change the caller."""
        from tolmach.pachca.resources.profile import Profile

        return Profile(self._api)

    @cached_property
    def reactions(self) -> Reactions:
        """React to messages."""
        from tolmach.pachca.resources.reactions import Reactions

        return Reactions(self._api)

    @cached_property
    def search(self) -> Search:
        """Search chats, messages and people."""
        from tolmach.pachca.resources.search import Search

        return Search(self._api)

    @cached_property
    def tags(self) -> Tags:
        """Manage group tags."""
        from tolmach.pachca.resources.tags import Tags

        return Tags(self._api)

    @cached_property
    def tasks(self) -> Tasks:
        """Manage tasks."""
        from tolmach.pachca.resources.tasks import Tasks

        return Tasks(self._api)

    @cached_property
    def threads(self) -> Threads:
        """Open and list threads."""
        from tolmach.pachca.resources.threads import Threads

        return Threads(self._api)

    @cached_property
    def uploads(self) -> Uploads:
        """Upload files."""
        from tolmach.pachca.resources.uploads import Uploads

        return Uploads(self._api)

    @cached_property
    def users(self) -> Users:
        """Manage people."""
        from tolmach.pachca.resources.users import Users

        return Users(self._api)

    @cached_property
    def views(self) -> Views:
        """Open forms and answer submissions."""
        from tolmach.pachca.resources.views import Views

        return Views(self._api)

    @cached_property
    def webhooks(self) -> Webhooks:
        """Read the history of events."""
        from tolmach.pachca.resources.webhooks import Webhooks

        return Webhooks(self._api)

    def _headers(self) -> Mapping[str, str]:
        if not self._token:
            raise LocalProtocolError("there is no token to sign with")
        return {"Authorization": f"Bearer {self._token}"}


def _checked(token: str | None) -> str:
    if token is None:
        return ""
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigError(
            "it is empty, or holds a space, a line break or another character that no token has",
            path="token",
            remedy="Copy it again, without what stands around it.",
        )
    return token
