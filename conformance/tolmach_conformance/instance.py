"""One start of the subject and the behaviours judged on it.

What it is for: make the people and rooms, write the configuration, start, run, stop, audit. What it must
not do: plan, or print.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from tolmach_conformance.audit import late
from tolmach_conformance.behaviour import Behaviour
from tolmach_conformance.catalogue import catalogue
from tolmach_conformance.configuration import configure, filled
from tolmach_conformance.driver import Account, Driver
from tolmach_conformance.exchange import redact, tell
from tolmach_conformance.ledger import Ledger
from tolmach_conformance.manifest import Manifest, ManifestError
from tolmach_conformance.nonce import Nonces
from tolmach_conformance.operator_side import OperatorSide
from tolmach_conformance.outcome import Outcome
from tolmach_conformance.planner import Instance
from tolmach_conformance.scene import Scene, Setting
from tolmach_conformance.seen import Room
from tolmach_conformance.settings import NeutralConfig, compose
from tolmach_conformance.shared import Shared
from tolmach_conformance.subject import SubjectProcess, placeholders
from tolmach_conformance.verdict import HarnessError, Verdict, verdict_of
from tolmach_conformance.world import World

__all__ = ["InstanceRun"]

_AT_ONCE: Final = 8
_LINGER: Final = 0.3
"""Seconds before the stop: a subject that drops pending work when it stops should still be caught."""

_LONGEST: Final = 120.0
"""Seconds for one scenario; all its waits are shorter, so more is the suite's own fault."""


@dataclass(slots=True)
class InstanceRun:
    """Run one instance of a plan in a world. ``done`` is called after every behaviour."""

    world: World
    driver: Driver
    manifest: Manifest
    instance: Instance
    work: Path
    nonces: Nonces
    done: Callable[[Outcome], None]
    notices: list[str] = field(default_factory=list[str])
    bots: list[Account] = field(default_factory=list[Account])
    _copies: int = 0

    async def run(self) -> list[Outcome]:
        """Return the outcomes in the order of the plan."""
        start = self.world.journal.position
        try:
            shared, settings = await self._prepare()
            neutral = compose((one, self._names(settings[one.number])) for one in self.instance.behaviours)
            process = shared.subject = self._process(neutral, self.work, self.bots)
            process.ended = self.world.journal.poke
        except ManifestError:
            raise
        except Exception as error:
            return self._all(*verdict_of(error))
        try:
            await process.start()
            if not await process.ready():
                tail = redact(process.output[-600:].strip(), self._secrets())
                return self._all(Verdict.FAIL, f"the subject did not become ready: {tail or 'no output'}")
            await self._announce(process)
            outcomes = await self._behaviours(shared, settings, neutral, process)
            await self._linger(settings, shared)
        except OSError as error:
            return self._all(Verdict.HARNESS_ERROR, f"the subject cannot be started: {error}")
        finally:
            await process.stop()
        await self._audit(outcomes, settings, shared, start, process)
        return outcomes

    async def _prepare(self) -> tuple[Shared, Mapping[int, Setting]]:
        made = [self.driver.make_account(self._tag("bot"), bot=True) for _ in range(self.instance.accounts)]
        self.bots.extend(await asyncio.gather(*made))
        settings: dict[int, Setting] = {}
        for one in self.instance.behaviours:
            settings[one.number] = await self._setting(one)
        shared = Shared(
            self.world.control,
            self.world.journal,
            self.driver,
            self.bots,
            self.nonces,
            self.instance.clock,
            revocable=self.manifest.writes("token"),
        )
        return shared, settings

    async def _setting(self, behaviour: Behaviour) -> Setting:
        names = list(behaviour.people)
        accounts = await asyncio.gather(
            *(self.driver.make_account(self._tag(name), bot=name == "otherbot") for name in names)
        )
        people = dict(zip(names, accounts, strict=True))
        rooms: dict[str, Room] = {}
        for name, spec in behaviour.rooms.items():
            members = [people[member] for member in spec.members]
            members += self.bots if spec.with_bot else []
            called = spec.name or self._tag(name)
            made, shown = await self.driver.make_room(called, spec.kind, members[0], members)
            rooms[name] = Room(made, shown, spec.kind, spec.listed)
        if {"dm", "direct"} & behaviour.words:
            # As in life, most direct chats are older than the bot's start.
            for name in (*({"alice", "bob"} & behaviour.words), *behaviour.people[3:]):
                await self.driver.open_direct(people[name], self.bots[0])
        setting = Setting(people, rooms)
        setting.ledger.rooms.update(room.id for room in rooms.values())
        return setting

    def _names(self, setting: Setting) -> Mapping[str, str]:
        names = {"bot": self.bots[0].id, "bot.name": self.bots[0].name, "bot.route": self._route()}
        for name, account in setting.people.items():
            names |= {name: account.id, f"{name}.name": account.name, f"{name}.display": account.display}
        for name, room in setting.rooms.items():
            names |= {name: room.id, f"{name}.name": room.name}
        return names

    def _process(
        self,
        neutral: NeutralConfig,
        work: Path,
        bots: list[Account],
        raw: Mapping[str, object] | None = None,
        env: Mapping[str, str] | None = None,
    ) -> SubjectProcess:
        names = self._placeholders(work, bots[0])
        second = {**names, **self.driver.placeholders(bots[1])} if len(bots) > 1 else None
        written = configure(self.manifest, neutral, names, second=second, raw=raw, env=env)
        return SubjectProcess(self.manifest, written, names, work, self.world.session)

    def _placeholders(self, work: Path, bot: Account) -> Mapping[str, str]:
        own = placeholders(self.manifest, work)
        outside = {
            "agent_url": self.world.endpoint("agent", "url"),
            "agent_key": self.world.endpoint("agent", "key"),
            "model": self.world.endpoint("agent", "model"),
            "control_url": self.world.endpoint("control", "url"),
            "control_token": self.world.endpoint("control", "token"),
        }
        return {**own, **outside, **self.driver.placeholders(bot)}

    def _route(self) -> str:
        """Return the path of the first account's address; unlike the port it is the same at every start."""
        if self.manifest.webhook is None:
            return ""
        names = self._placeholders(self.work, self.bots[0])
        return urlsplit(filled(self.manifest, "webhook", self.manifest.webhook, names)).path

    async def _announce(self, process: SubjectProcess) -> None:
        """Tell a platform that delivers events where the subject takes those of each bot."""
        if self.manifest.webhook is None:
            return
        for bot in self.bots:
            names = {**process.names, **self.driver.placeholders(bot)}
            await self.driver.listen(bot, filled(self.manifest, "webhook", self.manifest.webhook, names))

    async def _behaviours(
        self,
        shared: Shared,
        settings: Mapping[int, Setting],
        neutral: NeutralConfig,
        process: SubjectProcess,
    ) -> list[Outcome]:
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(behaviour: Behaviour) -> Outcome:
            async with gate:
                return await self._one(behaviour, settings[behaviour.number], shared, neutral, process)

        outcomes = list(await asyncio.gather(*(one(behaviour) for behaviour in self.instance.together)))
        if not process.running:
            # One behaviour ended the subject for all; only its own verdict should say so.
            for index, behaviour in enumerate(self.instance.together):
                if outcomes[index].verdict is Verdict.FAIL:
                    await self._revive(process)
                    setting = settings[behaviour.number]
                    setting.ledger = Ledger(rooms={room.id for room in setting.rooms.values()})
                    outcomes[index] = await one(behaviour)
        for behaviour in self.instance.alone:
            await self._revive(process)
            outcomes.append(await one(behaviour))
        return outcomes

    async def _revive(self, process: SubjectProcess) -> None:
        if not process.running:
            await process.kill()
            await process.start()
            await process.ready()

    async def _one(
        self,
        behaviour: Behaviour,
        setting: Setting,
        shared: Shared,
        neutral: NeutralConfig,
        process: SubjectProcess,
    ) -> Outcome:
        ledger = setting.ledger
        ledger.started = await self.world.journal.catch_up()

        async def copy(
            changed: Mapping[str, object], raw: Mapping[str, object] | None, env: Mapping[str, str] | None
        ) -> tuple[SubjectProcess, Account]:
            return await self._copy(neutral, changed, raw, env)

        side = OperatorSide(behaviour, self.manifest, process, copy, self._credentials())
        scene = Scene(behaviour, setting, shared, side)
        began = time.monotonic()
        error: Exception | None = None
        try:
            async with asyncio.timeout(_LONGEST):
                await behaviour.scenario(scene)
        except TimeoutError:
            error = HarnessError(f"the scenario did not end within {_LONGEST:g} s")
        except Exception as caught:
            error = caught
        seconds = time.monotonic() - began
        try:
            await scene.close()
            await side.close()
            ledger.ended = await self.world.journal.catch_up()
        except Exception as caught:
            error = error or caught
        verdict, reason = verdict_of(error)
        if verdict is Verdict.FAIL and not process.running and not behaviour.destructive:
            reason += f" (the subject had ended with {process.exit_code})"
        outcome = self._outcome(behaviour, verdict, redact(reason, self._secrets()), round(seconds, 3))
        outcome.notes.extend(ledger.notes)
        self.done(outcome)
        return outcome

    async def _copy(
        self,
        neutral: NeutralConfig,
        changed: Mapping[str, object],
        raw: Mapping[str, object] | None,
        env: Mapping[str, str] | None,
    ) -> tuple[SubjectProcess, Account]:
        self._copies += 1
        work = self.work / f"copy{self._copies}"
        bot = await self.driver.make_account(self._tag("copy"), bot=True)
        settings = NeutralConfig({**neutral.account, **changed}, neutral.rooms, {})
        process = self._process(settings, work, [bot], raw, env)
        await process.start()
        return process, bot

    async def _linger(self, settings: Mapping[int, Setting], shared: Shared) -> None:
        """Give what was shown silent a last moment to break it, before the subject is stopped."""
        silent = {claim.room_id for one in settings.values() for claim in one.ledger.claims if claim.outbound}
        if silent:
            after = self.world.journal.position
            await shared.watch.post(lambda post: post.room_id in silent, after=after, within=_LINGER)

    async def _audit(
        self,
        outcomes: list[Outcome],
        settings: Mapping[int, Setting],
        shared: Shared,
        start: int,
        process: SubjectProcess,
    ) -> None:
        """Read the journal once more after the subject's end, and tell the exchanges."""
        await self.world.journal.catch_up()
        watch = shared.watch
        turns, posts, deeds = list(watch.turns(start)), list(watch.posts(start)), list(watch.deeds(start))
        leaked = [name for name, secret in self._credentials().items() if secret in process.output]
        for outcome in outcomes:
            setting = settings[outcome.number]
            reason = late(setting.ledger, turns, posts, deeds)
            if outcome.number == 277 and leaked:
                reason = f"the output holds {', '.join(leaked)}"
            if outcome.verdict is Verdict.PASS and reason is not None:
                outcome.verdict, outcome.reason = Verdict.FAIL, reason
            people = {account.id: name for name, account in setting.people.items()}
            rooms = {room.id: f"#{name}" for name, room in setting.rooms.items()}
            outcome.exchange = tell(
                setting.ledger, watch, people=people, rooms=rooms, secrets=self._secrets()
            )
        if leaked:
            self.notices.append(f"instance {self.instance.name}: the output holds {', '.join(leaked)}")

    def _credentials(self) -> Mapping[str, str]:
        found = {"the agent's key": self.world.endpoint("agent", "key")}
        for index, bot in enumerate(self.bots):
            which = "the second account's" if index else "the bot's"
            found |= {f"{which} token": bot.token, f"{which} password": bot.password}
        return {name: secret for name, secret in found.items() if secret}

    def _secrets(self) -> list[str]:
        return [*self._credentials().values(), self.world.endpoint("control", "token")]

    def _tag(self, word: str) -> str:
        return f"{word}-{self.nonces.new()[2:7]}"

    def _outcome(self, behaviour: Behaviour, verdict: Verdict, reason: str, seconds: float = 0.0) -> Outcome:
        title = catalogue()[behaviour.number].title
        return Outcome(
            behaviour.number,
            behaviour.id,
            behaviour.level,
            title,
            verdict,
            reason,
            seconds,
            self.instance.name,
        )

    def _all(self, verdict: Verdict, reason: str) -> list[Outcome]:
        outcomes = [self._outcome(one, verdict, reason) for one in self.instance.behaviours]
        for outcome in outcomes:
            self.done(outcome)
        return outcomes
