"""Search.

What it is for: reached as ``pachca.search``. What it must not do: find exactly: people and chats are
matched with typos forgiven.

Source: https://dev.pachca.com
"""

from collections.abc import Sequence
from datetime import datetime

from tolmach.pachca.api import Resource
from tolmach.pachca.listing import Listing
from tolmach.pachca.models.chat import Chat
from tolmach.pachca.models.message import Message
from tolmach.pachca.models.user import User
from tolmach.pachca.models.words import ChatSubtype, MessageSearchSort, SearchSortOrder, SortOrder, UserRole
from tolmach.pachca.unset import UNSET, Unset

__all__ = ["Search"]

When = datetime | Unset


class Search(Resource):
    """Offer the three searches; a slow one raises ServerFailed with code ``timeout``."""

    def chats(
        self,
        query: str | Unset = UNSET,
        *,
        order: SortOrder | Unset = UNSET,
        created_from: When = UNSET,
        created_to: When = UNSET,
        active: bool | Unset = UNSET,
        chat_subtype: ChatSubtype | Unset = UNSET,
        personal: bool | Unset = UNSET,
        page_size: int | Unset = UNSET,
    ) -> Listing[Chat]:
        """Find chats by name; direct ones only with ``personal=True``."""
        asked = {
            "query": query,
            "order": order,
            "created_from": created_from,
            "created_to": created_to,
            "active": active,
            "chat_subtype": chat_subtype,
            "personal": personal,
        }
        return self._api.listing(Chat, "GET /search/chats", query=asked, page_size=page_size, most=100)

    def messages(
        self,
        query: str | Unset = UNSET,
        *,
        sort: MessageSearchSort | Unset = UNSET,
        order: SortOrder | Unset = UNSET,
        created_from: When = UNSET,
        created_to: When = UNSET,
        chat_ids: Sequence[int] | Unset = UNSET,
        user_ids: Sequence[int] | Unset = UNSET,
        active: bool | Unset = UNSET,
        page_size: int | Unset = UNSET,
    ) -> Listing[Message]:
        """Find messages by text and file names, in the caller's chats and threads; newest first."""
        asked = {
            "query": query,
            "sort": sort,
            "order": order,
            "created_from": created_from,
            "created_to": created_to,
            "chat_ids": chat_ids,
            "user_ids": user_ids,
            "active": active,
        }
        return self._api.listing(Message, "GET /search/messages", query=asked, page_size=page_size, most=200)

    def users(
        self,
        query: str | Unset = UNSET,
        *,
        sort: SearchSortOrder | Unset = UNSET,
        order: SortOrder | Unset = UNSET,
        created_from: When = UNSET,
        created_to: When = UNSET,
        company_roles: Sequence[UserRole] | Unset = UNSET,
        page_size: int | Unset = UNSET,
    ) -> Listing[User]:
        """Find people by name, nickname, title or department; never by phone."""
        asked = {
            "query": query,
            "sort": sort,
            "order": order,
            "created_from": created_from,
            "created_to": created_to,
            "company_roles": company_roles,
        }
        return self._api.listing(User, "GET /search/users", query=asked, page_size=page_size, most=200)
