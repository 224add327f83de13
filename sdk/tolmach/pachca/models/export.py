"""Exports of messages.

What it is for: asking for one. What it must not do: wait for it: a webhook says when it is ready.

Source: https://dev.pachca.com
"""

from tolmach.pachca.models.document import Day, Document, Given, Sent

__all__ = ["ChatExport", "ExportRequest"]


class ChatExport(Document):
    """Name an export that was begun."""

    id: int


class ExportRequest(Sent):
    """Ask for an export; both days are included."""

    start_at: Day
    end_at: Day
    webhook_url: Given[str] = None
    chat_ids: Given[list[int]] = None
    skip_chats_file: Given[bool] = None
