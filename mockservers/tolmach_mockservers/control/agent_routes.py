"""Routes of the fake agent: scripts, gates, models.

What it is for: saying what the agent answers. What it must not do: answer as the agent.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from aiohttp import web

from tolmach_mockservers.control.exchange import Route, answer, read, tell
from tolmach_mockservers.refusal import RefusalError

if TYPE_CHECKING:
    from tolmach_mockservers.agent.fake import AgentFake
    from tolmach_mockservers.server import Fakes

__all__ = ["routes"]


def routes(fakes: "Fakes") -> list[Route]:
    """Return the routes of ``fakes``' agent."""
    here = _Agent(fakes)
    return [
        ("POST", "/agent/scripts", answer(here.add_script)),
        ("DELETE", "/agent/scripts", tell(here.clear_scripts)),
        ("POST", "/agent/gates/{name}/open", answer(here.open_gate)),
        ("GET", "/agent/models", tell(here.models)),
    ]


class _Agent:
    def __init__(self, fakes: "Fakes") -> None:
        self._fakes = fakes

    async def add_script(self, request: web.Request) -> Mapping[str, object]:
        from tolmach_mockservers.agent.script_reader import parse_script

        return {"id": self._agent().scripts.add(parse_script(await read(request)))}

    def clear_scripts(self) -> Mapping[str, object]:
        self._agent().scripts.clear()
        return {}

    async def open_gate(self, request: web.Request) -> Mapping[str, object]:
        self._agent().open_gate(request.match_info["name"])
        return {}

    def models(self) -> Mapping[str, object]:
        return {"models": list(self._agent().models)}

    def _agent(self) -> "AgentFake":
        if self._fakes.agent is None:
            raise RefusalError("the fake agent does not run: start it with  tolmach up agent", status=409)
        return self._fakes.agent
