"""Read the agent's side of the journal: requests become turns.

What it is for: the platform-neutral half of what the suite sees. What it must not do: I/O; wait.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import cast

from tolmach_conformance.journal import Entry
from tolmach_conformance.seen import ChatMessage, Turn

__all__ = ["FACTS_HEADER", "ends_in_tool", "outcome_of", "read_turn"]

FACTS_HEADER = "x-turn-facts"


def read_turn(entry: Entry) -> Turn:
    """Return the turn of an ``agent.request`` entry."""
    body = _mapping(entry.detail.get("body"))
    headers = {str(k).lower(): str(v) for k, v in _mapping(entry.detail.get("headers")).items()}
    raw = body.get("messages")
    messages = [_message(item) for item in raw if isinstance(item, dict)] if isinstance(raw, list) else []
    return Turn(
        seq=entry.seq,
        at=entry.at,
        text=entry.text or next((m.text for m in reversed(messages) if m.role == "user"), ""),
        body=body,
        headers=headers,
        messages=messages,
        facts=_facts(headers.get(FACTS_HEADER)),
    )


def ends_in_tool(turn: Turn) -> bool:
    """Return whether the request answers a tool call, and so goes on with a turn."""
    return bool(turn.messages) and turn.messages[-1].role == "tool"


def outcome_of(entry: Entry) -> tuple[int, str]:
    """Return the request's number and the outcome of an ``agent.answer`` entry."""
    seq = entry.detail.get("request_seq")
    return (seq if isinstance(seq, int) else 0), str(entry.detail.get("outcome", ""))


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}


def _message(raw: Mapping[str, object]) -> ChatMessage:
    content = raw.get("content")
    if isinstance(content, list):
        parts = [str(_mapping(part).get("text", "")) for part in content]
        content = "\n".join(part for part in parts if part)
    return ChatMessage(str(raw.get("role", "")), content if isinstance(content, str) else "")


def _facts(header: str | None) -> Mapping[str, object] | None:
    """Decode the header; what cannot be decoded counts as not stated."""
    if not header:
        return None
    try:
        found: object = json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))
    except (binascii.Error, ValueError):
        return None
    return _mapping(found) or None
