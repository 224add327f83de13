"""Routes of what all fakes share: faults, clock, seed, snapshots, reset.

What it is for: the HTTP side of the kernel. What it must not do: hold rules of its own.
"""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from aiohttp import web

from tolmach_mockservers.control.exchange import Route, answer, read, read_query, tell
from tolmach_mockservers.faults import parse_rule
from tolmach_mockservers.fields import Fields
from tolmach_mockservers.refusal import RefusalError

if TYPE_CHECKING:
    from tolmach_mockservers.server import Fakes

__all__ = ["routes"]

_LONGEST_CLOCK_WAIT: Final = 25.0
_FOLLOWERS_GET: Final = 2.0
"""Seconds of real time that clock clients get to come back with the new version."""


def routes(fakes: "Fakes") -> list[Route]:
    """Return the routes of ``fakes``' kernel."""
    here = _Kernel(fakes)
    return [
        ("GET", "/faults", tell(here.faults)),
        ("POST", "/faults", answer(here.add_fault)),
        ("DELETE", "/faults", tell(here.clear_faults)),
        ("DELETE", "/faults/{id}", answer(here.remove_fault)),
        ("GET", "/clock", tell(here.clock)),
        ("GET", "/clock/wait", answer(here.wait_clock)),
        ("POST", "/clock/freeze", answer(here.freeze)),
        ("POST", "/clock/resume", answer(here.resume)),
        ("POST", "/clock/advance", answer(here.advance)),
        ("POST", "/seed", answer(here.seed)),
        ("POST", "/snapshots", tell(here.snapshot)),
        ("POST", "/snapshots/{id}/restore", answer(here.restore)),
        ("POST", "/reset", tell(here.reset)),
    ]


class _Kernel:
    def __init__(self, fakes: "Fakes") -> None:
        self._fakes = fakes
        self._faults = fakes.kernel.faults
        self._clock = fakes.kernel.clock

    def faults(self) -> Mapping[str, object]:
        return {"faults": [rule.render() for rule in self._faults.list()]}

    async def add_fault(self, request: web.Request) -> Mapping[str, object]:
        rule = parse_rule(await read(request))
        if rule.fake not in self._fakes.names:
            running = ", ".join(self._fakes.names)
            raise RefusalError(f'fake: "{rule.fake}" does not run; there are {running}', field="fake")
        return {"id": self._faults.add(rule)}

    def clear_faults(self) -> Mapping[str, object]:
        self._faults.clear()
        return {}

    async def remove_fault(self, request: web.Request) -> Mapping[str, object]:
        self._faults.remove(request.match_info["id"])
        return {}

    def clock(self) -> Mapping[str, object]:
        return self._shown()

    async def wait_clock(self, request: web.Request) -> Mapping[str, object]:
        fields = Fields(read_query(request, ("version",)), ("version", "client"))
        version, client = fields.whole("version"), fields.text("client")
        try:
            async with asyncio.timeout(_LONGEST_CLOCK_WAIT):
                await self._clock.wait(version, client)
        except TimeoutError:
            pass
        except asyncio.CancelledError:
            self._clock.forget(client)
            raise
        return self._shown()

    async def freeze(self, request: web.Request) -> Mapping[str, object]:
        fields = Fields(await read(request), ("at",))
        at = None if fields.get("at") is None else fields.seconds("at")
        try:
            self._clock.freeze(at)
        except ValueError as error:
            raise fields.wrong("at", str(error)) from error
        return self._shown()

    async def resume(self, request: web.Request) -> Mapping[str, object]:
        Fields(await read(request), ())
        self._clock.resume()
        return self._shown()

    async def advance(self, request: web.Request) -> Mapping[str, object]:
        fields = Fields(await read(request), ("seconds",))
        self._clock.advance(fields.seconds("seconds"))
        clients = self._clock.clients()
        try:
            async with asyncio.timeout(_FOLLOWERS_GET):
                await self._clock.caught_up()
        except TimeoutError:
            pass
        return {**self._shown(), "clients": clients}

    async def seed(self, request: web.Request) -> Mapping[str, object]:
        self._fakes.reseed(Fields(await read(request), ("seed",)).whole("seed"))
        return {}

    def snapshot(self) -> Mapping[str, object]:
        return {"id": self._fakes.snapshot()}

    async def restore(self, request: web.Request) -> Mapping[str, object]:
        self._fakes.restore(request.match_info["id"])
        return {}

    def reset(self) -> Mapping[str, object]:
        self._fakes.reset()
        return {}

    def _shown(self) -> dict[str, object]:
        return {"now": self._clock.now(), "frozen": self._clock.frozen, "version": self._clock.version}
