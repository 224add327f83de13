"""The history of a bot's events.

What it is for: reached as ``pachca.webhooks``; needs ``events_history_enabled``. What it must not do:
decide when an event is handled; ``tolmach.pachca.polling`` does.

Source: https://dev.pachca.com
"""

from tolmach.pachca.api import Resource
from tolmach.pachca.listing import Listing
from tolmach.pachca.models.webhook import WebhookEvent
from tolmach.pachca.unset import UNSET, Unset

__all__ = ["Webhooks"]


class Webhooks(Resource):
    """Offer what concerns past events; reading does not take them away."""

    def list(self, *, page_size: int | Unset = UNSET) -> Listing[WebhookEvent]:
        """Return the events, newest first; ``tolmach.pachca.parse_event`` reads their payload."""
        return self._api.listing(WebhookEvent, "GET /webhooks/events", page_size=page_size)

    async def delete(self, event_id: str) -> None:
        """Delete an event; raises NotFound when it is gone already."""
        await self._api.call("DELETE /webhooks/events/{id}", event_id)
