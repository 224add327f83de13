"""Pachca's deliveries as the suite makes and reads them.

What it is for: pure functions from a message of the API to the event that tells of it, its signature, and
the end of a delivery in the fake's journal. What it must not do: I/O, or read a clock.

Source: https://dev.pachca.com/guides/webhook
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Final

from tolmach_conformance.journal import Entry
from tolmach_conformance.seen import Delivery
from tolmach_conformance.sides import Signature

__all__ = ["event_of", "headers_of", "read_delivery"]

_OTHER_SECRET: Final = "the secret of somebody else's bot"  # noqa: S105 - nobody's secret
_NEW: Final = "message.new"


def event_of(message: Mapping[str, object], thread: Mapping[str, object] | None, sent_at: float) -> bytes:
    """Return the body that tells a bot of a new message; ``thread`` is the one that it lies in."""
    direct = message.get("entity_type") == "user"
    fields = {
        "type": "message",
        "id": message.get("id"),
        "event": "new",
        "entity_type": message.get("entity_type"),
        # In a one-to-one chat each side is told the other one: the bot its partner, who wrote this.
        "entity_id": message.get("user_id") if direct else message.get("entity_id"),
        "content": message.get("content"),
        "user_id": message.get("user_id"),
        "created_at": message.get("created_at"),
        "changed_at": None,
        "url": message.get("url"),
        "chat_id": message.get("chat_id"),
        "parent_message_id": message.get("parent_message_id"),
        "thread": thread and {name: thread.get(name) for name in ("message_id", "message_chat_id")},
        "webhook_timestamp": int(sent_at),
    }
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def headers_of(body: bytes, secret: str, signature: Signature) -> Mapping[str, str]:
    """Return the headers of a delivery, signed as asked."""
    plain = {"content-type": "application/json"}
    if signature == "none":
        return plain
    key = secret if signature == "good" else _OTHER_SECRET
    return {**plain, "pachca-signature": hmac.new(key.encode(), body, hashlib.sha256).hexdigest()}


def read_delivery(entry: Entry, bot_id: str) -> Delivery | None:
    """Return how the delivery of a new message to a bot ended, None for any other entry."""
    if (entry.kind, entry.operation, entry.actor) != ("webhook.out", _NEW, bot_id):
        return None
    seconds = entry.detail.get("seconds")
    outcome = str(entry.detail.get("outcome", ""))
    return Delivery(entry.text, entry.status, outcome, seconds if isinstance(seconds, int) else 0, entry.seq)
