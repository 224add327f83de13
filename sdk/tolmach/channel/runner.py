"""Run one account: take its events, let agents answer, deliver. The impure heart of the channel.

What it is for: gluing the pure decisions to a platform, an agent and a clock. What it must not do:
decide who may speak or where an answer goes; the pure siblings do.
"""

import secrets
from collections.abc import Callable

from tolmach.channel.platform import Platform
from tolmach.channel.settings import ChannelSettings
from tolmach.channel.status import AccountStatus
from tolmach.channel.turn import Agent, PairingState, PairingStore, SeenStore
from tolmach.clock import Clock

__all__ = ["ChannelRunner"]


class ChannelRunner:
    """Serve one account on one platform.

    ``label`` is the platform's name as people write it (``Rocket.Chat``), ``agent_name`` what the
    agent is called (a mention pattern unless ``mentionPatterns`` says otherwise).
    """

    def __init__(
        self,
        platform: Platform,
        settings: ChannelSettings,
        agent: Agent,
        *,
        pairing: PairingStore,
        clock: Clock,
        seen: SeenStore | None = None,
        agent_id: str = "main",
        agent_name: str = "",
        account_id: str = "default",
        label: str = "",
        entropy: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        raise NotImplementedError

    async def run(self) -> None:
        """Serve until ``stop`` or until the account is dead; a dead credential is no exception here."""
        raise NotImplementedError

    async def ready(self) -> None:
        """Return once the account is connected, or blocked, or has finished."""
        raise NotImplementedError

    async def stop(self, within: float = 10.0) -> None:
        """Take no more events, let running turns finish for ``within`` seconds, close the platform."""
        raise NotImplementedError

    def status(self) -> AccountStatus:
        """Return the state of the account, without I/O and without secrets."""
        raise NotImplementedError

    def configure(self, settings: ChannelSettings) -> None:
        """Follow new settings from the next event on; running turns keep theirs."""
        raise NotImplementedError

    async def pairings(self) -> PairingState:
        """Return who waits for approval (expired ones left out) and who has it."""
        raise NotImplementedError

    async def approve(self, code: str) -> str | None:
        """Approve a code in any letter case and return the person's id, None when it is unknown or expired."""
        raise NotImplementedError
