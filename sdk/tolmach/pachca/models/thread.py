"""Threads.

What it is for: the thread as an object; as a chat it has an id of its own. What it must not do: know
the messages in it.

Source: https://dev.pachca.com
"""

from tolmach.pachca.models.document import Document, Nullable, Timestamp

__all__ = ["Thread"]


class Thread(Document):
    """Describe a thread; ``chat_id`` is its chat, both message ids are null for a standalone one."""

    id: int
    chat_id: int
    message_id: Nullable[int] = None
    message_chat_id: Nullable[int] = None
    updated_at: Timestamp
