"""A clock that another process moves, for tests that span processes.

What it is for: a process started with ``TOLMACH_CLOCK`` follows the clock of the fakes, so that a
test can pass five minutes in a moment. What it must not do: run against anything but this machine.

The protocol, so that others can implement either side. All requests carry
``Authorization: Bearer <TOLMACH_CLOCK_TOKEN>``; all answers are
``{"now": seconds since the epoch, "frozen": bool, "version": int}``.

- ``GET {url}/clock``: the state now.
- ``GET {url}/clock/wait?version=N&client=ID``: answers once the version is not N, or after 25 s with
  an unchanged state. ``ID`` is any text, the same for the life of the process.

The version moves with each freeze, resume and advance. Between two answers a frozen clock stands and
a running one runs with real time. A client that comes back with version N says: I have seen N, and
every timer due at N has been woken. The one who moves the clock waits for that.
"""

import asyncio
import heapq
import http.client
import ipaddress
import itertools
import json
import logging
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import cast
from urllib.parse import quote, urlsplit

import aiohttp

from tolmach.clock import Clock, SystemClock
from tolmach.errors import ConfigError
from tolmach.transport.redaction import hide

__all__ = ["RemoteClock", "clock_from_environment"]

log = logging.getLogger("tolmach.clock")

_TURNS = 20
"""Turns of the event loop that woken tasks get before the remote hears that they are awake."""
_SMALL_STEP_BACK = 1.0
"""Seconds. A clock that is frozen has run on here for a moment: that moment is not taken back."""
_AFTER_FAILURE = 0.25


def clock_from_environment(environ: Mapping[str, str]) -> Clock:
    """Return the clock named by ``TOLMACH_CLOCK`` and ``TOLMACH_CLOCK_TOKEN``, else the machine's.

    Asks the remote once, blocking for at most five seconds. Raises ConfigError when it is not on this
    machine, does not answer, or refuses the token.
    """
    url = environ.get("TOLMACH_CLOCK", "").strip()
    if not url:
        return SystemClock()
    clock = RemoteClock(url, environ.get("TOLMACH_CLOCK_TOKEN", ""))
    clock.fetch()
    return clock


class RemoteClock:
    """Follow the clock behind a control API. Fulfils ``tolmach.clock.Clock``.

    It starts to follow at the first ``now`` or ``sleep`` inside an event loop, and stops with
    ``aclose`` or with the loop.
    """

    def __init__(self, url: str, token: str, *, client: str = "") -> None:
        self._url = _loopback(url)
        self._token = token
        hide(token)
        self._client = client or secrets.token_hex(8)
        self._version = -1
        self._frozen = False
        self._base = time.time()
        self._seen_at = time.monotonic()
        self._latest = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._timer: asyncio.TimerHandle | None = None
        self._following: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        return f"RemoteClock({self._url!r})"

    def now(self) -> float:
        """Return the remote's time as known here."""
        self._follow()
        value = self._base if self._frozen else self._base + (time.monotonic() - self._seen_at)
        if value < self._latest <= value + _SMALL_STEP_BACK:
            return self._latest
        self._latest = value
        return value

    async def sleep(self, seconds: float) -> None:
        """Return once the remote's time has moved by ``seconds``, however that came about."""
        self._follow()
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken = asyncio.get_running_loop().create_future()
        entry = (self.now() + seconds, next(self._order), woken)
        heapq.heappush(self._sleepers, entry)
        self._set_timer()
        try:
            await woken
        finally:
            with suppress(ValueError):
                self._sleepers.remove(entry)
                heapq.heapify(self._sleepers)

    def fetch(self) -> None:
        """Ask the remote for its state, blocking; raises ConfigError when that fails."""
        parts = urlsplit(self._url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
        try:
            connection.request("GET", f"{parts.path}/clock", headers=self._headers())
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise ConfigError(
                f"the clock does not answer: {error}", path="TOLMACH_CLOCK", remedy="Is `tolmach up` running?"
            ) from error
        finally:
            connection.close()
        if answer.status == 401:
            raise ConfigError(
                "the clock refused the token",
                path="TOLMACH_CLOCK_TOKEN",
                remedy="Take control.token of the ready file.",
            )
        if not self._learn(_decode(body)):
            raise ConfigError(
                f"this is no clock (HTTP {answer.status})",
                path="TOLMACH_CLOCK",
                remedy="Take control.url of the ready file.",
            )

    async def aclose(self) -> None:
        """Stop following; sleepers keep the time known last."""
        if self._following is not None:
            self._following.cancel()
            with suppress(asyncio.CancelledError):
                await self._following
            self._following = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}

    def _follow(self) -> None:
        if self._following is not None and not self._following.done():
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        self._following = loop.create_task(self._keep_following(), name="tolmach-remote-clock")

    async def _keep_following(self) -> None:
        # The deadline is the real machine's: a remote clock cannot time itself.
        timeout = aiohttp.ClientTimeout(total=40)
        async with aiohttp.ClientSession(timeout=timeout, headers=self._headers()) as session:
            while True:
                try:
                    async with session.get(self._next_question()) as answer:
                        body = _decode(await answer.read())
                except (aiohttp.ClientError, TimeoutError, OSError) as error:
                    log.debug("the clock does not answer: %s", error)
                    await asyncio.sleep(_AFTER_FAILURE)
                    continue
                if not self._learn(body):
                    log.warning("the clock answered HTTP %d", answer.status)
                    await asyncio.sleep(_AFTER_FAILURE)
                    continue
                self._wake()
                for _ in range(_TURNS):
                    await asyncio.sleep(0)

    def _next_question(self) -> str:
        if self._version < 0:
            return f"{self._url}/clock"
        return f"{self._url}/clock/wait?version={self._version}&client={quote(self._client, safe='')}"

    def _learn(self, state: object) -> bool:
        match state:
            case {"now": int() | float() as now, "frozen": bool() as frozen, "version": int() as version}:
                self._base, self._frozen, self._version = float(now), frozen, version
                self._seen_at = time.monotonic()
                return True
            case _:
                return False

    def _wake(self) -> None:
        now = self.now()
        while self._sleepers and self._sleepers[0][0] <= now:
            _, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                woken.set_result(None)
        self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._sleepers and not self._frozen:
            due = self._sleepers[0][0]
            self._timer = asyncio.get_running_loop().call_later(max(0.0, due - self.now()), self._wake)


def _loopback(url: str) -> str:
    parts = urlsplit(url.strip())
    host = parts.hostname or ""
    try:
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if parts.scheme != "http" or not local:
        raise ConfigError(
            "a remote clock must be an http address of this machine",
            path="TOLMACH_CLOCK",
            remedy="Leave it unset outside of tests; in a test take control.url of the ready file.",
        )
    return url.strip().rstrip("/")


def _decode(body: bytes) -> object:
    try:
        return cast("object", json.loads(body))
    except ValueError:
        return None
