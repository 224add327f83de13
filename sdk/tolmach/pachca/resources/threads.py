"""Threads.

What it is for: reached as ``pachca.threads``. A thread has an ``id`` (to write, with ``thread_id``) and a
``chat_id`` (to read, and for members). What it must not do: send messages.

Source: https://dev.pachca.com
"""

from datetime import datetime

from tolmach.pachca.api import Resource
from tolmach.pachca.listing import Listing
from tolmach.pachca.models.thread import Thread
from tolmach.pachca.unset import UNSET, Unset

__all__ = ["Threads"]


class Threads(Resource):
    """Offer what concerns threads."""

    async def open(self, message_id: int) -> Thread:
        """Start the thread of a message, or return the one that is there."""
        return self._seen(await self._api.fetch(Thread, "POST /messages/{id}/thread", message_id))

    def list(
        self,
        *,
        last_message_at_after: datetime | Unset = UNSET,
        last_message_at_before: datetime | Unset = UNSET,
        page_size: int | Unset = UNSET,
    ) -> Listing[Thread]:
        """Return the threads of the caller and of the caller's chats, last message first."""
        query = {
            "last_message_at_after": last_message_at_after,
            "last_message_at_before": last_message_at_before,
        }
        notice = self._api.lanes.saw_thread
        return self._api.listing(Thread, "GET /threads", query=query, page_size=page_size, notice=notice)

    async def create(self) -> Thread:
        """Create a thread that belongs to no message; the caller is its only member."""
        return self._seen(await self._api.fetch(Thread, "POST /threads"))

    async def get(self, thread_id: int) -> Thread:
        """Return a thread by its own id."""
        return self._seen(await self._api.fetch(Thread, "GET /threads/{id}", thread_id))

    def _seen(self, thread: Thread) -> Thread:
        self._api.lanes.saw_thread(thread)
        return thread
