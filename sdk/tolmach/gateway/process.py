"""A gateway as a process: the clock from the environment, an end by signal.

What it is for: what the command line and ``Bot.run`` share. What it must not do: parse arguments or
set up logging.
"""

import asyncio
import os
import signal
from collections.abc import Callable

from tolmach.gateway.app import Gateway
from tolmach.gateway.building import AgentFor
from tolmach.gateway.config import GatewayPlan
from tolmach.transport.remote_clock import RemoteClock, clock_from_environment

__all__ = ["serve_process"]


async def serve_process(
    plan: GatewayPlan, on_ready: Callable[[str], None], *, agent_for: AgentFor | None = None
) -> None:
    """Run a plan until SIGTERM or SIGINT; the second signal of a kind is the interpreter's own."""
    clock = clock_from_environment(os.environ)
    gateway = Gateway(plan, clock=clock, agent_for=agent_for)
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGTERM, signal.SIGINT)

    def stop(number: int) -> None:
        gateway.stop()
        loop.remove_signal_handler(number)

    for number in numbers:
        loop.add_signal_handler(number, stop, number)
    try:
        await gateway.serve(on_ready)
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
        if isinstance(clock, RemoteClock):
            await clock.aclose()
