"""The audit log.

What it is for: reached as ``pachca.audit``; for the owner, on the Corporation plan. What it must not do:
read the log in a tight loop: each reading is logged as well.

Source: https://dev.pachca.com
"""

from datetime import datetime

from tolmach.pachca.api import Resource
from tolmach.pachca.listing import Listing
from tolmach.pachca.models.audit import AuditEvent
from tolmach.pachca.models.words import AuditEventKey
from tolmach.pachca.unset import UNSET, Unset

__all__ = ["Audit"]


class Audit(Resource):
    """Offer the audit log."""

    def list(
        self,
        *,
        start_time: datetime | Unset = UNSET,
        end_time: datetime | Unset = UNSET,
        event_key: AuditEventKey | Unset = UNSET,
        actor_id: str | Unset = UNSET,
        actor_type: str | Unset = UNSET,
        entity_id: str | Unset = UNSET,
        entity_type: str | Unset = UNSET,
        page_size: int | Unset = UNSET,
    ) -> Listing[AuditEvent]:
        """Return what happened in the last 90 days, newest first; ids are texts here.

        ``tolmach.pachca.models.audit.details_of`` reads the details.
        """
        query = {
            "start_time": start_time,
            "end_time": end_time,
            "event_key": event_key,
            "actor_id": actor_id,
            "actor_type": actor_type,
            "entity_id": entity_id,
            "entity_type": entity_type,
        }
        return self._api.listing(AuditEvent, "GET /audit_events", query=query, page_size=page_size)
