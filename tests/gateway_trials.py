"""Kill a gateway at random points and count what became of every message; ``fault_runs.py`` runs many.

What it must not do: believe the gateway. The truth is the fake workspace's messages; only for a message
without an answer the gateway's own memory tells a cut answer (it had begun to speak) from a lost message.
"""

import asyncio
import json
import os
import signal
import socket
import sqlite3
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, closing, suppress
from pathlib import Path
from random import Random

from pachca_stage import Counts

from tolmach.pachca import Pachca
from tolmach_mockservers.journal import Match
from tolmach_mockservers.server import Fakes

PATIENCE = 60
PEOPLE = ("alice", "bob", "admin")
EACH = 3
POINTS = {
    "delivery": Match(fake="pachca", kinds=frozenset({"webhook.out"})),
    "agent asked": Match(kinds=frozenset({"agent.request"})),
    "answer posted": Match(fake="pachca", kinds=frozenset({"http"}), text="Echo:"),
}


class Killed:
    """Hold the fakes, the people's clients, and the gateway of the moment."""

    def __init__(self, fakes: Fakes, folder: Path, seed: int) -> None:
        assert fakes.pachca is not None
        self.fakes = fakes
        self.pachca = fakes.pachca
        self.random = Random(seed)
        ready = fakes.ready
        self.chat = ready["pachca"]
        self.bot = self.chat["bot"]
        self.folder = folder
        self.process: Process | None = None
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        agent = ready["agent"]
        self.config = folder / "gateway.json"
        account = {
            "token": self.bot["token"],
            "webhookSecret": self.bot["webhook_secret"],
            "webhookPort": self.port,
            "apiBase": self.chat["url"],
            "dangerouslyAllowInsecure": True,
            "dmPolicy": "open",
            "allowFrom": ["*"],
            "eventsHistory": True,
        }
        document = {
            "agentUrl": agent["url"],
            "apiKey": agent["key"],
            "model": agent["model"],
            "stateDir": str(folder / "state"),
            "channels": {"pachca": account},
        }
        self.config.write_text(json.dumps(document))
        self.pachca.set_webhook(self.bot["id"], f"http://127.0.0.1:{self.port}/pachca/webhook")

    async def start(self) -> None:
        """Start a gateway and wait until it is connected."""
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("OCG_", "OPENAI_"))
        }
        command = (sys.executable, "-m", "tolmach", "gateway", "start", "--config", str(self.config))
        self.process = await asyncio.create_subprocess_exec(
            *command, stdout=PIPE, stderr=DEVNULL, env=environment
        )
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            await self.process.stdout.readline()

    async def end(self, how: signal.Signals) -> None:
        """End the gateway, gently or not."""
        if self.process is not None:
            self.process.send_signal(how)
            await self.process.communicate()
            self.process = None

    def answers(self, text: str) -> int:
        """Count the answers to a text."""
        return sum(
            message.user_id == self.bot["id"] and message.content == f"Echo: {text}"
            for message in self.pachca.state.tables.messages.values()
        )

    async def accounted(self, said: Mapping[str, str]) -> None:
        """Wait until every text is answered, or its answer was begun; give up on the rest after a while."""
        journal = self.fakes.kernel.journal
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while True:
                    after, begun = journal.last, self.begun()
                    if all(self.answers(text) or said[text] in begun for text in said):
                        return
                    # Another process's file wakes nobody, so its next call or a moment has to do.
                    with suppress(TimeoutError):
                        await journal.wait_for(Match(fake="pachca"), after=after, timeout=0.5)

    def begun(self) -> set[str]:
        """Return the ids of the messages that a gateway had begun to answer."""
        with closing(sqlite3.connect(self.folder / "state" / "gateway.db")) as database:
            rows = database.execute("SELECT key FROM seen WHERE kind = 'message'").fetchall()
        return {str(row[0]).partition(" ")[0] for row in rows}


async def gateway_killed(folder: Path, trials: int, seed: int = 0) -> Counts:
    """Kill the gateway while nine messages are on their way, start it again, and count the answers."""
    counts = Counts()
    async with Fakes(("pachca", "agent"), seed=seed) as fakes, AsyncExitStack() as stack:
        here = Killed(fakes, folder, seed)
        people = [
            await stack.enter_async_context(
                Pachca(here.chat["people"][name]["token"], api_base=here.chat["url"], insecure=True)
            )
            for name in PEOPLE
        ]
        stack.push_async_callback(here.end, signal.SIGTERM)
        said = {
            text: message_id
            for number in range(trials)
            for text, message_id in (await _trial(here, people, number, counts)).items()
        }
        begun = here.begun()
        # Only now: an answer to one trial could come a second time in a later one.
        for text, message_id in said.items():
            there = here.answers(text)
            counts.judge("unknown" if not there and message_id in begun else "done", there)
    return counts


async def _trial(here: Killed, people: Sequence[Pachca], number: int, counts: Counts) -> Mapping[str, str]:
    journal = here.fakes.kernel.journal
    point = here.random.choice(list(POINTS))
    count = here.random.randint(1, EACH * len(people))
    said: dict[str, str] = {}

    async def speak(person: Pachca, name: str) -> None:
        for each in range(EACH):
            text = f"trial {number}: {name} {each}"
            said[text] = str((await person.messages.create(user_id=here.bot["id"], content=text)).id)

    await here.start()
    after = journal.last
    async with asyncio.TaskGroup() as speaking:
        for person, name in zip(people, PEOPLE, strict=True):
            speaking.create_task(speak(person, name))
        await journal.wait_for(POINTS[point], after=after, count=count, timeout=PATIENCE)
        await here.end(signal.SIGKILL)
    counts.note(f"killed after: {point}")
    await here.start()
    await here.accounted(said)
    await here.end(signal.SIGTERM)  # what runs may finish
    return said
