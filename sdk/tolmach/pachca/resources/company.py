"""All chats and bots of the company.

What it is for: reached as ``pachca.company``; for the owner, on the Corporation plan. What it must not
do: change them.

Source: https://dev.pachca.com
"""

from tolmach.pachca.api import Resource
from tolmach.pachca.listing import Listing
from tolmach.pachca.models.bot import CompanyBotResponse
from tolmach.pachca.models.chat import Chat
from tolmach.pachca.models.words import ChatActivity
from tolmach.pachca.unset import UNSET, Unset

__all__ = ["Company"]


class Company(Resource):
    """Offer the lists of the whole company."""

    def chats(
        self, *, activity: ChatActivity | Unset = UNSET, page_size: int | Unset = UNSET
    ) -> Listing[Chat]:
        """Return every chat of the company."""
        query = {"activity": activity}
        return self._api.listing(Chat, "GET /company/chats", query=query, page_size=page_size)

    def bots(
        self, *, query: str | Unset = UNSET, page_size: int | Unset = UNSET
    ) -> Listing[CompanyBotResponse]:
        """Return every bot of the company; of those one may not edit only the names."""
        asked = {"query": query}
        return self._api.listing(CompanyBotResponse, "GET /company/bots", query=asked, page_size=page_size)
