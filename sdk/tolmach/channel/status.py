"""The state of one account, as operators read it.

What it is for: one value with every field of a status snapshot. What it must not do: hold a secret
or read a clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

__all__ = ["AccountStatus"]


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """Hold the state of one account. Times are seconds since the epoch, None for never.

    ``lifecycle`` is ``blocked`` when the credential is dead: nothing is tried again until a restart.
    ``drops`` counts what was not handled, by reason.
    """

    account_id: str
    name: str = ""
    bot_id: str = ""
    enabled: bool = True
    configured: bool = True
    running: bool = False
    connected: bool = False
    lifecycle: Literal["ready", "recovering", "blocked"] = "recovering"
    last_connected_at: float | None = None
    last_disconnect_at: float | None = None
    last_disconnect_error: str = ""
    last_error: str = ""
    last_inbound_at: float | None = None
    last_outbound_at: float | None = None
    credential_source: str = ""
    credential_status: str = ""
    turns: int = 0
    drops: Mapping[str, int] = field(default_factory=dict[str, int])
    unresolved: tuple[str, ...] = ()

    def document(self) -> dict[str, object]:
        """Return the state as a JSON document; times in ISO 8601, UTC."""
        disconnect = (
            {"at": _moment(self.last_disconnect_at), "error": self.last_disconnect_error}
            if self.last_disconnect_at is not None
            else None
        )
        return {
            "accountId": self.account_id,
            "name": self.name,
            "botId": self.bot_id,
            "enabled": self.enabled,
            "configured": self.configured,
            "running": self.running,
            "connected": self.connected,
            "lifecycle": self.lifecycle,
            "lastConnectedAt": _moment(self.last_connected_at),
            "lastDisconnect": disconnect,
            "lastError": self.last_error or None,
            "lastInboundAt": _moment(self.last_inbound_at),
            "lastOutboundAt": _moment(self.last_outbound_at),
            "credential": {"source": self.credential_source, "status": self.credential_status},
            "turns": self.turns,
            "drops": dict(self.drops),
            "unresolved": list(self.unresolved),
        }


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()
