"""How it goes with the connection to Pachca, as far as calls and probes tell.

What it is for: the report of an account without a socket. What it must not do: I/O.
"""

import logging
from dataclasses import replace

from tolmach.channel.platform import ConnectionReport
from tolmach.clock import Clock
from tolmach.errors import TolmachError, Unauthorized

__all__ = ["Health"]

log = logging.getLogger("tolmach.adapters")


class Health:
    """Keep the report of one account."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.report = ConnectionReport(connected=False, lifecycle="recovering")

    @property
    def blocked(self) -> bool:
        """Tell whether the token was refused."""
        return self.report.lifecycle == "blocked"

    def sent(self) -> None:
        """Take note of a message that went out."""
        self.report = replace(self.report, last_outbound_at=self._clock.now())

    def worked(self) -> None:
        """Take note of a probe that was answered well."""
        at = self.report.last_connected_at
        if not self.report.connected:
            at = self._clock.now()
        self.report = replace(
            self.report, connected=True, lifecycle="ready", last_connected_at=at, last_error=""
        )

    def failed(self, error: TolmachError) -> None:
        """Take note of a failure that may pass."""
        log.warning("Pachca does not answer: %s", error)
        now = self._clock.now() if self.report.connected else self.report.last_disconnect_at
        self.report = replace(
            self.report,
            connected=False,
            lifecycle="recovering",
            last_disconnect_at=now,
            last_disconnect_error=str(error),
            last_error=str(error),
        )

    def refused(self, error: Unauthorized) -> None:
        """Take note of a token that is dead."""
        self.failed(error)
        self.report = replace(self.report, lifecycle="blocked")
