"""From a plan to the parts of an account.

What it is for: the one place that knows which adapter belongs to which channel. What it must not
do: import an adapter that no account uses.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tolmach.agent.client import AgentClient
from tolmach.channel.platform import Platform
from tolmach.channel.runner import ChannelRunner
from tolmach.channel.turn import Agent
from tolmach.clock import Clock
from tolmach.gateway.account import Parts
from tolmach.gateway.accounts import AccountPlan, to_secret
from tolmach.gateway.dispatch import HttpAgent
from tolmach.gateway.settings import AccountSettings, GatewaySettings, PachcaAccount, RocketChatAccount
from tolmach.gateway.store import Store

if TYPE_CHECKING:
    from tolmach.adapters.pachca_door import Doors
    from tolmach.pachca.inbox import FileInbox
    from tolmach.pachca.receiver import Inbox

__all__ = ["AgentFor", "Builder", "http_agent"]

AgentFor = Callable[[AccountPlan], Agent]
"""Choose who answers for an account."""


def http_agent(plan: AccountPlan, settings: GatewaySettings, clock: Clock) -> HttpAgent:
    """Return the agent behind HTTP that an account is configured with."""
    client = AgentClient(
        plan.agent.url,
        api_key=plan.agent.api_key,
        clock=clock,
        timeout=settings.agent_timeout or None,
    )
    models = plan.settings.models if plan.settings and plan.settings.models else settings.models
    return HttpAgent(
        client,
        model=plan.agent.model,
        models=models,
        turn_facts=settings.turn_facts,
        verbose=settings.verbose,
    )


def build_rocketchat(settings: RocketChatAccount, clock: Clock) -> Platform:
    """Return the adapter for a Rocket.Chat account."""
    from tolmach.adapters.rocketchat import RocketChatPlatform
    from tolmach.rocketchat import RocketChat

    client = RocketChat(
        settings.server_url or "",
        user_id=settings.user_id,
        token=to_secret(settings.pat),
        username=settings.username,
        password=to_secret(settings.password),
        clock=clock,
        insecure=settings.dangerously_allow_insecure,
    )
    return RocketChatPlatform(client)


def build_pachca(settings: PachcaAccount, clock: Clock, doors: "Doors", inbox: "Inbox") -> Platform:
    """Return the adapter for a Pachca account; raises ConfigError when another account has its route."""
    from tolmach.adapters.pachca import PachcaPlatform
    from tolmach.pachca import Pachca

    door = None
    if not settings.polling:
        door = doors.claim(settings.webhook_host, settings.webhook_port, settings.webhook_path)
    client = Pachca(
        to_secret(settings.token),
        api_base=settings.api_base,
        clock=clock,
        insecure=settings.dangerously_allow_insecure,
    )
    secret = to_secret(settings.webhook_secret) or ""
    return PachcaPlatform(client, door=door, secret=secret, history=settings.events_history, inbox=inbox)


class Builder:
    """Build the accounts of one process; they share the listeners that events come in by, and the inbox."""

    def __init__(self, store: Store, clock: Clock, inbox: Path) -> None:
        self._store = store
        self._clock = clock
        self._inbox = inbox
        self._inboxes: list[FileInbox] = []
        self._doors: Doors | None = None

    def platform(self, plan: AccountPlan, settings: AccountSettings) -> Platform:
        """Return the adapter for an account."""
        if isinstance(settings, RocketChatAccount):
            return build_rocketchat(settings, self._clock)
        if not isinstance(settings, PachcaAccount):
            raise TypeError(f"no adapter is known for {type(settings).__name__}")
        from tolmach.adapters.pachca_door import Doors
        from tolmach.pachca.inbox import FileInbox

        if self._doors is None:
            self._doors = Doors()
        inbox = FileInbox(self._inbox, account=home_of(plan, settings))
        self._inboxes.append(inbox)
        return build_pachca(settings, self._clock, self._doors, inbox)

    def parts(self, plan: AccountPlan, settings: AccountSettings, agent: Agent) -> Parts:
        """Return the adapter and runner of an account."""
        platform = self.platform(plan, settings)
        return Parts(platform, build_runner(platform, plan, settings, agent, self._store, self._clock))

    async def aclose(self) -> None:
        """Close what accounts share."""
        if self._doors is not None:
            await self._doors.aclose()
        for inbox in self._inboxes:
            inbox.close()


def home_of(plan: AccountPlan, settings: AccountSettings) -> str:
    """Return the account with the server that its ids belong to: another one may give the same ids."""
    match settings:
        case RocketChatAccount():
            server = settings.server_url or ""
        case PachcaAccount():
            server = settings.api_base
        case _:
            server = ""
    return f"{plan.label} at {server}"


def build_runner(
    platform: Platform,
    plan: AccountPlan,
    settings: AccountSettings,
    agent: Agent,
    store: Store,
    clock: Clock,
) -> ChannelRunner:
    """Return the runner of an account."""
    return ChannelRunner(
        platform,
        settings,
        agent,
        pairing=store.pairings(plan.label),
        seen=store.seen(home_of(plan, settings)),
        clock=clock,
        agent_id=settings.agent_id,
        agent_name=settings.agent_name,
        account_id=plan.account_id,
    )
