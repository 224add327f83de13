"""Run one account: take its events, let agents answer, deliver. The impure heart of the channel.

What it is for: the life of an account, from start to stop or to a dead credential. What it must not
do: decide who may speak or where an answer goes; the pure siblings do.
"""

import asyncio
import contextlib
import logging
import random
import secrets
from collections.abc import Callable
from functools import partial

from tolmach.channel import resolving
from tolmach.channel import rules as ruling
from tolmach.channel.admin import Admin
from tolmach.channel.decide import Memory
from tolmach.channel.delivery import Delivery
from tolmach.channel.intake import Intake, Pairings
from tolmach.channel.lanes import Lanes
from tolmach.channel.model import Event, Identity, MessageArrived
from tolmach.channel.people import People
from tolmach.channel.platform import Platform
from tolmach.channel.resolving import Names
from tolmach.channel.rules import Rules
from tolmach.channel.sessionbook import SessionBook
from tolmach.channel.settings import ChannelSettings
from tolmach.channel.signals import Background
from tolmach.channel.status import AccountStatus
from tolmach.channel.turn import Agent, PairingState, PairingStore, SeenStore
from tolmach.channel.turns import Job, Turns
from tolmach.clock import Clock
from tolmach.errors import TolmachError, Unauthorized

__all__ = ["ChannelRunner"]

log = logging.getLogger("tolmach.channel")

FIRST_PAUSE, PAUSE_GROWTH, LONGEST_PAUSE, JITTER = 2.0, 1.8, 30.0, 0.25
MOST_IN_ROOM = 500
"""Events of one room that may wait to be judged; then the platform's own queue has to hold them."""
AGAIN = 30.0
"""Seconds until names are asked for again that the platform could not answer for."""


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
        self._platform = platform
        self._clock = clock
        self._seen = seen
        self._agent_id = agent_id
        self._agent_name = agent_name
        self._account_id = account_id
        self._label = label or platform.label
        self._names = Names({}, {})
        self._rules = self._rules_of(settings)
        self._memory = Memory()
        self._background = Background(self._die)
        self._book = SessionBook(settings.transcript_limit)
        self._delivery = Delivery(platform, self._memory, clock, seen)
        self._turns = Turns(
            platform, agent, self._book, self._delivery, self._memory, clock, self._background
        )
        self._lanes: Lanes[Job] = Lanes(self._turn, forgotten=self._forgotten)
        self._rooms: Lanes[Event] = Lanes(self._event)
        self._pairings = Pairings(pairing, self._memory, clock, entropy)
        self._intake = Intake(
            memory=self._memory,
            people=People(platform, clock),
            pairings=self._pairings,
            admin=Admin(agent, self._book, self._lanes, clock),
            book=self._book,
            delivery=self._delivery,
            lanes=self._lanes,
            background=self._background,
            settle=self._settle,
            clock=clock,
        )
        self._ready = asyncio.Event()
        self._ended = asyncio.Event()
        self._started = False
        self._running = False
        self._stopping = False
        self._ending = False
        """Whether turns are cut off because the account ends, and not because a person stopped them."""
        self._dead = ""
        self._last_error = ""
        self._last_inbound_at: float | None = None
        self._serving: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Serve until ``stop`` or until the account is dead; a dead credential is no exception here."""
        if self._started:
            raise RuntimeError("a runner runs once")
        self._started = True
        if self._stopping:
            return
        self._running = True
        self._serving = asyncio.create_task(self._serve(), name=f"account {self._account_id}")
        try:
            await asyncio.wait([self._serving])
            if not self._serving.cancelled():
                self._serving.result()
        finally:
            self._serving.cancel()
            await asyncio.gather(self._serving, return_exceptions=True)
            if not self._stopping:
                await self._close()
            self._running = False
            self._ready.set()

    async def ready(self) -> None:
        """Return once the account is connected, or blocked, or has finished."""
        await self._ready.wait()

    async def stop(self, within: float = 10.0) -> None:
        """Take no more events, let running turns finish for ``within`` seconds, close the platform.

        Real seconds: a stop has to end although a clock may be frozen.
        """
        if self._stopping:
            await self._ended.wait()
            return
        self._stopping = self._ending = True
        if self._serving is not None:
            self._serving.cancel()
        waiting = self._lanes.forget_waiting()
        if waiting:
            log.info("account=%s stops with %d messages not begun", self._account_id, waiting)
        try:
            if not self._dead:
                async with asyncio.timeout(within):
                    await self._rooms.idle()
                    self._lanes.forget_waiting()
                    await self._lanes.idle()
                    await self._background.idle()
        except TimeoutError:
            log.warning(
                "account=%s: a turn did not finish within %g s and is cut off", self._account_id, within
            )
        await self._close()

    def status(self) -> AccountStatus:
        """Return the state of the account, without I/O and without secrets."""
        report = self._platform.report()
        identity = self._platform.identity()
        error = self._dead or self._last_error or self._delivery.last_error or report.last_error
        return AccountStatus(
            self._account_id,
            name=identity.username if identity else "",
            bot_id=identity.id if identity else "",
            running=self._running,
            connected=report.connected and not self._dead and self._running,
            lifecycle="blocked" if self._dead else report.lifecycle,
            last_connected_at=report.last_connected_at,
            last_disconnect_at=report.last_disconnect_at,
            last_disconnect_error=report.last_disconnect_error,
            last_error=error,
            last_inbound_at=_latest(self._last_inbound_at, report.last_inbound_at),
            last_outbound_at=_latest(self._delivery.last_outbound_at, report.last_outbound_at),
            turns=self._turns.count,
            drops=dict(self._intake.drops),
            unresolved=resolving.unresolved(self._rules, self._names),
        )

    def configure(self, settings: ChannelSettings) -> None:
        """Follow new settings from the next event on; running turns keep theirs."""
        self._rules = resolving.apply(self._rules_of(settings), self._names)
        self._book.limit = settings.transcript_limit
        if self._running and not self._stopping:
            self._background.start(self._resolve)

    async def pairings(self) -> PairingState:
        """Return who waits for approval (expired ones left out) and who has it."""
        return await self._pairings.state()

    async def approve(self, code: str) -> str | None:
        """Approve a code, in any letter case; return the person's id, None for an unknown or expired code."""
        return await self._pairings.approve(code)

    def _rules_of(self, settings: ChannelSettings) -> Rules:
        for warning in ruling.compile_patterns(settings.mention_patterns, self._agent_name)[1]:
            log.warning("account=%s %s", self._account_id, warning)
        return Rules.of(
            settings,
            self._platform.name,
            label=self._label,
            agent_id=self._agent_id,
            account_id=self._account_id,
            agent_name=self._agent_name,
        )

    async def _serve(self) -> None:
        try:
            await self._pairings.state()
            await self._recall()
            identity = await self._connect()
            self._check(identity)
            await self._resolve()
            self._ready.set()
            while not self._stopping:
                if await self._consume():
                    return
                await self._clock.sleep(FIRST_PAUSE)
        except Unauthorized as error:
            self._die(error)

    async def _recall(self) -> None:
        if self._seen is None:
            return
        entries = await self._seen.load()
        now = self._clock.now()
        self._memory.seen.load([(key, at) for kind, key, at in entries if kind == "message"], now)
        self._memory.spoke_in.load([(key, at) for kind, key, at in entries if kind == "thread"], now)

    async def _connect(self) -> Identity | None:
        """Start the platform, as often as it takes; a server that is down is waited for."""
        pause = FIRST_PAUSE
        while True:
            try:
                return await self._platform.start()
            except Unauthorized:
                raise
            except TolmachError as error:
                self._last_error = str(error)
                log.warning(
                    "account=%s cannot start: %s; trying again in %.0f s", self._account_id, error, pause
                )
            await self._clock.sleep(pause * random.uniform(1 - JITTER, 1 + JITTER))
            pause = min(pause * PAUSE_GROWTH, LONGEST_PAUSE)

    def _check(self, identity: Identity | None) -> None:
        self._last_error = ""
        if identity is None:
            log.warning(
                "account=%s does not know its own name yet: mentions are not recognised", self._account_id
            )
        elif not identity.is_bot:
            log.warning(
                "account=%s @%s is no bot account, so it hears no mentions in rooms; give it the role bot",
                self._account_id,
                identity.username,
            )

    async def _resolve(self) -> None:
        self._names = await resolving.resolve(self._rules, self._platform, self._names)
        self._rules = resolving.apply(self._rules, self._names)
        if self._names.failed:
            self._background.start(self._resolve_later)

    async def _resolve_later(self) -> None:
        await self._clock.sleep(AGAIN)
        await self._resolve()

    async def _consume(self) -> bool:
        """Take events until the platform has no more; tell whether that is the end."""
        try:
            async for event in self._platform.events():
                self._last_inbound_at = self._clock.now()
                try:
                    room = self._room_of(event)
                except Exception:
                    log.exception(
                        "account=%s: an event makes no sense; the next one is handled", self._account_id
                    )
                    self._settle(event)
                    continue
                await self._rooms.room(room, MOST_IN_ROOM)
                self._rooms.put(room, event)
        except Unauthorized:
            raise
        except TolmachError as error:
            self._last_error = str(error)
            log.warning("account=%s: events ended: %s", self._account_id, error)
            return False
        except Exception as error:
            self._last_error = f"{type(error).__name__} while reading events"
            log.exception("account=%s: events ended", self._account_id)
            return False
        if self._platform.report().lifecycle == "blocked":
            self._dead = self._dead or self._platform.report().last_error or "the credential was refused"
        return True

    @staticmethod
    def _room_of(event: Event) -> str:
        conversation = event.message.conversation if isinstance(event, MessageArrived) else event.conversation
        return conversation.room_id

    async def _event(self, event: Event) -> None:
        if self._dead:
            return
        try:
            await self._intake.take(event, self._rules, self._platform.identity())
        except Unauthorized as error:
            self._die(error)
        except Exception:
            self._settle(event)  # it would fail after every start
            raise

    async def _turn(self, job: Job) -> None:
        if self._dead:
            return
        try:
            await self._turns.take(job)
        except Unauthorized as error:
            self._die(error)
            return  # not dealt with: if nothing went out, it is told again after the credential was renewed
        except asyncio.CancelledError:
            if not self._ending and not self._dead:
                await self._over(job)  # a person stopped it
            raise
        except Exception:
            await self._over(job)  # it would fail after every start
            raise
        await self._over(job)

    def _forgotten(self, job: Job) -> None:
        """Take note of a turn that a person stopped before it began."""
        self._background.start(partial(self._over, job))

    async def _over(self, job: Job) -> None:
        await self._delivery.handled(job.run.message.key)
        self._settle(job.event)

    def _settle(self, event: Event) -> None:
        """Tell the platform, on the side: a history that answers slowly must not hold up a lane."""
        self._background.start(partial(self._settled, event))

    async def _settled(self, event: Event) -> None:
        try:
            await self._platform.settled(event)
        except Unauthorized as error:
            self._die(error)
        except Exception:
            # Told again after a restart at worst; what was answered is remembered.
            log.exception("account=%s: an event could not be taken off", self._account_id)

    def _die(self, error: Unauthorized) -> None:
        if self._dead or self._stopping:
            return
        self._dead = str(error)
        log.error("account=%s is stopped: %s. Renew its credential and restart.", self._account_id, error)
        if self._serving is not None:
            self._serving.cancel()

    async def _close(self) -> None:
        if self._ended.is_set():
            return
        self._ending = True
        await self._rooms.aclose()
        await self._lanes.aclose()
        if not self._dead:
            # The last signs (typing off) get a moment of real time.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._background.idle()
        await self._background.aclose()
        await self._platform.aclose()
        self._ended.set()
        self._ready.set()


def _latest(one: float | None, other: float | None) -> float | None:
    known = [at for at in (one, other) if at is not None]
    return max(known, default=None)
