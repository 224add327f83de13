"""From a delivery to an event: verified, in time, typed.

What it is for: one pure function. What it must not do: read a clock, know a web framework, or look into
a body that is not signed.

Source: https://dev.pachca.com
"""

from typing import Final

from tolmach.errors import RemoteProtocolError, WebhookRefused
from tolmach.pachca.events import Event, decode, parse_event
from tolmach.pachca.signature import verify

__all__ = ["WINDOW", "parse"]

WINDOW: Final = 60.0
"""Seconds that a delivery may be old, or ahead."""


def parse(body: bytes, signature: str | None, secret: str, now: float, *, window: float = WINDOW) -> Event:
    """Return the event of a delivery; ``now`` is seconds since the epoch.

    The signature is checked first, over the raw bytes. A notice of an export carries no time and passes
    without. Raises WebhookRefused.
    """
    if not verify(body, signature, secret):
        raise WebhookRefused("the signature is not the one of this body", reason="signature")
    try:
        payload = decode(body)
        sent = payload.get("webhook_timestamp")
        if payload.get("type") != "export" or sent is not None:
            _in_time(sent, now, window)
        return parse_event(payload)
    except RemoteProtocolError as error:
        raise WebhookRefused(str(error), reason="malformed") from None


def _in_time(sent: object, now: float, window: float) -> None:
    if not isinstance(sent, int) or isinstance(sent, bool):
        raise WebhookRefused("it does not say when it was sent", reason="malformed")
    if not now - window <= sent <= now + window:
        raise WebhookRefused("it was sent too long ago, or by another clock", reason="stale")
