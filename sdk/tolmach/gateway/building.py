"""From a plan to the parts of an account.

What it is for: the one place that knows which adapter belongs to which channel. What it must not
do: import an adapter that no account uses.
"""

from collections.abc import Callable

from tolmach.agent.client import AgentClient
from tolmach.channel.platform import Platform
from tolmach.channel.runner import ChannelRunner
from tolmach.channel.turn import Agent
from tolmach.clock import Clock
from tolmach.gateway.account import Parts
from tolmach.gateway.accounts import AccountPlan, to_secret
from tolmach.gateway.dispatch import HttpAgent
from tolmach.gateway.settings import GatewaySettings, RocketChatAccount
from tolmach.gateway.store import Store

__all__ = ["AgentFor", "build_parts", "http_agent"]

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


def build_platform(settings: RocketChatAccount, clock: Clock) -> Platform:
    """Return the adapter for an account."""
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


def build_parts(
    plan: AccountPlan, settings: RocketChatAccount, agent: Agent, store: Store, clock: Clock
) -> Parts:
    """Return the adapter and runner of an account."""
    platform = build_platform(settings, clock)
    runner = ChannelRunner(
        platform,
        settings,
        agent,
        pairing=store.pairings(plan.label),
        seen=store.seen(plan.label),
        clock=clock,
        agent_id=settings.agent_id,
        agent_name=settings.agent_name,
        account_id=plan.account_id,
    )
    return Parts(platform, runner)
