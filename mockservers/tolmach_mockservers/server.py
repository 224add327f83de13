"""Start and stop a set of fakes and their one control listener, in one loop.

What it is for: `Fakes`, the lifecycle behind ``tolmach up``, the pytest plug-in and benchmarks.
What it must not do: know a platform; each fake brings its own application.
"""

import asyncio
import secrets
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Final, Protocol, Self
from urllib.parse import urlsplit

from tolmach_mockservers.journal import Entry, Match
from tolmach_mockservers.kernel import Kernel
from tolmach_mockservers.ready import Ready, environment
from tolmach_mockservers.refusal import RefusalError
from tolmach_mockservers.world import DEFAULT_WORLD, World

if TYPE_CHECKING:
    from aiohttp import web

    from tolmach_mockservers.agent.fake import AgentFake
    from tolmach_mockservers.pachca.fake import PachcaFake
    from tolmach_mockservers.rocketchat.fake import RocketChatFake
    from tolmach_mockservers.s3.fake import S3Fake

__all__ = ["CONTROL", "NAMES", "Fakes", "Kernel", "PortTakenError", "check_names"]

NAMES: Final = ("rocketchat", "pachca", "s3", "agent")
"""Every fake there is."""

CONTROL: Final = "control"
"""The name of the control listener where ports are chosen."""

_STOP_WITHIN: Final = 0.2
"""Seconds that requests under way get to end when the fakes stop."""


class PortTakenError(Exception):
    """The port chosen for a fake is in use."""

    def __init__(self, name: str, port: int, reason: str) -> None:
        super().__init__(
            f"port {port} for {name} cannot be opened: {reason}. "
            f"Choose another with --port {name}=N, or any free one with --port {name}=0"
        )
        self.name = name
        self.port = port


class _Fake(Protocol):
    def snapshot(self) -> object: ...
    def restore(self, state: object) -> None: ...
    def reset(self) -> None: ...
    def reseed(self) -> None: ...
    async def aclose(self) -> None: ...


@dataclass(frozen=True, slots=True)
class _Snapshot:
    seed: object
    fakes: Mapping[str, object]


def check_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return the fakes to run, all for none; an unknown name is refused. Pachca brings its storage."""
    for name in names:
        if name not in NAMES:
            raise RefusalError(f'no fake is called "{name}"; there are {", ".join(NAMES)}')
    wanted = {*names, "s3"} if "pachca" in names else {*names}
    return tuple(name for name in NAMES if name in wanted) if names else NAMES


def check_webhook(url: str, names: Sequence[str]) -> None:
    """Refuse an address for the events of Pachca's bot that is none, or that no event would ever reach."""
    if "pachca" not in names:
        raise RefusalError("webhook: only the fake pachca sends events, and it does not run; name it as well")
    try:
        parts = urlsplit(url)
        whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        whole = False
    if not whole:
        raise RefusalError(
            f'webhook: "{url}" is no http address; write it like http://127.0.0.1:3458/pachca/webhook'
        )


class Fakes:
    """Run fakes on loopback; an asynchronous context manager.

    ``ports`` chooses ports by name, "control" among the names; 0 or absent is any free port.
    Everything is ready when the block is entered, and closed when it is left.
    """

    def __init__(
        self,
        names: Sequence[str] = NAMES,
        *,
        seed: int = 0,
        ports: Mapping[str, int] | None = None,
        world: World = DEFAULT_WORLD,
        strict: bool = False,
        webhook: str | None = None,
    ) -> None:
        self.names = check_names(names)
        self.ports: dict[str, int] = dict(ports or {})
        for name in self.ports:
            if name not in {*self.names, CONTROL}:
                known = ", ".join((*self.names, CONTROL))
                raise RefusalError(f'a port is given for "{name}", which does not run; there are {known}')
        if webhook is not None:
            check_webhook(webhook, self.names)
        self.world = world
        self.kernel = Kernel.new(seed, strict=strict)
        self.control_token = secrets.token_urlsafe(32)
        self.ready: Ready = {"version": 1, "control": {"url": "", "token": self.control_token}}
        self.webhook = webhook
        self.rocketchat: RocketChatFake | None = None
        self.pachca: PachcaFake | None = None
        self.s3: S3Fake | None = None
        self.agent: AgentFake | None = None
        self._seed = seed
        self._runners: list[web.BaseRunner] = []
        self._snapshots: dict[str, _Snapshot] = {}
        self._start_world: _Snapshot | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    @property
    def env(self) -> dict[str, str]:
        """Return the environment variables that a bot needs."""
        return environment(self.ready)

    async def start(self) -> None:
        """Listen; when a port is taken nothing is left running and `PortTakenError` says which."""
        from tolmach_mockservers.control.app import control_app

        try:
            if "rocketchat" in self.names:
                await self._start_rocketchat()
            if "s3" in self.names:
                await self._start_s3()
            if "pachca" in self.names:
                await self._start_pachca()
            if "agent" in self.names:
                await self._start_agent()
            port = await self._listen(CONTROL, control_app(self), cancel=True)
            self.ready["control"]["url"] = f"http://127.0.0.1:{port}/control"
            self._start_world = self._taken()
        except BaseException:
            await self.aclose()
            raise

    async def aclose(self) -> None:
        """Close every connection and listener; bounded even with open long-polls and websockets."""
        for fake in self._fakes().values():
            await fake.aclose()
        runners, self._runners = self._runners, []
        await asyncio.gather(*(runner.cleanup() for runner in runners))
        self.kernel.clock.close()

    def violations(self) -> list[Entry]:
        """Return what left the documented protocol."""
        return self.kernel.journal.search(Match(kinds=frozenset({"violation"})))

    def reset(self) -> None:
        """Go back to the start world without connections; journal, faults and scripts are emptied.

        Ids and tokens of the ready file stay valid. Time runs, and keeps what was advanced: it
        never goes back.
        """
        for fake in self._fakes().values():
            fake.reset()
        if self._start_world is not None:
            self._restore(self._start_world)
        self._snapshots.clear()
        self.kernel.faults.restart(self.kernel.seed)
        self.kernel.journal.clear()
        if self.kernel.clock.frozen:
            self.kernel.clock.resume()

    def reseed(self, seed: int) -> None:
        """Draw every later id, token and name from the beginning of ``seed``."""
        self.kernel.seed.restart(seed)
        self.kernel.faults.restart(self.kernel.seed)
        for fake in self._fakes().values():
            fake.reseed()

    def snapshot(self) -> str:
        """Keep the state of every fake and of the seed; return the snapshot's id."""
        name = f"snapshot-{len(self._snapshots) + 1}"
        self._snapshots[name] = self._taken()
        return name

    def restore(self, name: str) -> None:
        """Go back to a snapshot; journal, faults and clock stay as they are."""
        if name not in self._snapshots:
            known = ", ".join(self._snapshots) or "none"
            raise RefusalError(f'no snapshot is called "{name}"; there are {known}', field="id", status=404)
        self._restore(self._snapshots[name])

    def _fakes(self) -> "dict[str, _Fake]":
        every: dict[str, _Fake | None] = {
            "rocketchat": self.rocketchat,
            "pachca": self.pachca,
            "s3": self.s3,
            "agent": self.agent,
        }
        return {name: fake for name, fake in every.items() if fake is not None}

    def _taken(self) -> _Snapshot:
        return _Snapshot(
            self.kernel.seed.state(), {name: fake.snapshot() for name, fake in self._fakes().items()}
        )

    def _restore(self, snapshot: _Snapshot) -> None:
        self.kernel.seed.restore(snapshot.seed)
        for name, fake in self._fakes().items():
            fake.restore(snapshot.fakes[name])

    async def _start_rocketchat(self) -> None:
        from tolmach_mockservers.rocketchat.fake import RocketChatFake
        from tolmach_mockservers.settle import settle

        self.rocketchat = RocketChatFake(self.kernel)
        port = await self._listen("rocketchat", self.rocketchat.app())
        self.ready["rocketchat"] = settle(self.rocketchat, self.world, port)

    async def _start_s3(self) -> None:
        from tolmach_mockservers.s3.fake import S3Fake

        self.s3 = S3Fake(self.kernel)
        port = await self._listen("s3", self.s3.server())
        self.s3.url = f"http://127.0.0.1:{port}"
        self.ready["s3"] = {
            "url": self.s3.url,
            "access_key": self.s3.key.access_key,
            "secret_key": self.s3.key.secret,
            "region": self.s3.region,
            "bucket": self.s3.bucket,
        }

    async def _start_pachca(self) -> None:
        from tolmach_mockservers.pachca.fake import PachcaFake
        from tolmach_mockservers.pachca.settle import settle, storage_of

        assert self.s3 is not None
        self.pachca = PachcaFake(self.kernel, storage_of(self.s3))
        port = await self._listen("pachca", self.pachca.app())
        self.ready["pachca"] = settle(self.pachca, self.world, port, self.webhook)

    async def _start_agent(self) -> None:
        from tolmach_mockservers.agent.fake import MODELS, AgentFake

        self.agent = AgentFake(self.kernel)
        port = await self._listen("agent", self.agent.app(), cancel=True)
        self.ready["agent"] = {
            "url": f"http://127.0.0.1:{port}/v1",
            "key": self.agent.key,
            "model": MODELS[0],
        }

    async def _listen(
        self,
        name: str,
        app: "web.Application | web.Server",
        *,
        cancel: bool = False,
    ) -> int:
        from aiohttp import web

        port = self.ports.get(name, 0)
        opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            opened.bind(("127.0.0.1", port))
            opened.listen(1024)
        except OSError as error:
            opened.close()
            raise PortTakenError(name, port, (error.strerror or str(error)).lower()) from error
        # A long-poll or an answer whose reader has gone is cancelled: it must not linger.
        runner: web.BaseRunner
        if isinstance(app, web.Server):
            runner = web.ServerRunner(app, shutdown_timeout=_STOP_WITHIN)
        else:
            runner = web.AppRunner(
                app, access_log=None, handler_cancellation=cancel, shutdown_timeout=_STOP_WITHIN
            )
        self._runners.append(runner)
        await runner.setup()
        await web.SockSite(runner, opened, backlog=1024).start()
        taken: int = opened.getsockname()[1]
        return taken
