"""Trouble between the Pachca SDK and the fakes, trial after trial, counted against what really happened.

What it is for: the tests run a few trials, ``benchmarks/fault_runs.py`` hundreds. What it must not do:
assert; who runs it judges the counts.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext, suppress
from functools import partial
from pathlib import Path

from aiohttp import web
from pachca_stage import Counts, Stage

from tolmach.errors import OutcomeUnknown, QuotaExceeded, RemoteError, ServerFailed, Unauthorized
from tolmach.pachca import HistoryPoller, MessageNew, Receiver
from tolmach.pachca.inbox import FileInbox
from tolmach_mockservers.faults import Do
from tolmach_mockservers.journal import Match

PATIENCE = 20.0
"""Seconds of real time after which a trial that hangs is a failure."""

SEND_FAULTS = {
    "cut before": Do("cut_before"),
    "cut after it was done": Do("cut_after_commit"),
    "500": Do("status", status=500),
    "503": Do("status", status=503),
    "429": Do("rate_limit", wait=2.0),
}
STORAGE_FAULTS = {
    "403": Do("status", status=403),
    "503": Do("status", status=503),
    "cut mid-upload": Do("cut_before"),
    "cut after it was stored": Do("cut_after_commit"),
    "slow down": Do("rate_limit"),
}
MOST_PEOPLE = 120
"""People who are written to: their chats fill more than one page."""
PAUSES = (1.0, 2.0, 4.0)
"""Seconds between the sender's tries."""
BODY = bytes(range(256)) * 4096


async def told(act: Callable[[], Awaitable[object]]) -> str:
    """Return what the caller is told: done, unknown or refused."""
    try:
        await act()
    except (OutcomeUnknown, ServerFailed):
        return "unknown"
    except RemoteError:
        return "refused"
    return "done"


async def sends(here: Stage, trials: int, *, deliver: bool) -> Counts:
    """Send messages, each with up to three faults on its way, and lookups that fail as well.

    Every second one goes to a person, by a client that has not seen their direct chat.
    """
    counts = Counts()
    people = [
        int(str(here.pachca.create_person(name=f"Person {number}")["id"]))
        for number in range(min(trials // 3, MOST_PEOPLE))
    ]
    async with here.client() as knowing:
        for number in range(trials):
            text = f"message {number}"
            for name in here.random.choices(list(SEND_FAULTS), k=here.random.randint(0, 3)):
                here.fault(SEND_FAULTS[name], "POST /messages")
                counts.note(f"fault: {name}")
            direct = number % 2 == 1
            if deliver and here.random.random() < 0.2:
                reads = here.random.choice(("GET /messages", "GET /chats") if direct else ("GET /messages",))
                here.fault(Do("cut_before"), reads, count=here.random.choice((1, 2, 8)))
                counts.note(f"fault: lookup cut, {reads}")
            async with here.client() if direct else nullcontext(knowing) as pachca:
                send = (
                    partial(pachca.messages.deliver, text)
                    if deliver
                    else partial(pachca.messages.create, content=text)
                )
                if direct:
                    act = partial(send, user_id=here.random.choice(people))
                else:
                    act = partial(send, chat_id=here.room)
                verdict = await told(act)
            counts.judge(verdict, len(here.there(text)))
            here.fakes.kernel.faults.clear()
    return counts


async def uploads(here: Stage, trials: int) -> Counts:
    """Upload files through storage that fails up to four times, and attach what is called done."""
    counts = Counts()
    async with here.client() as pachca:
        for number in range(trials):
            name = f"file-{number}.bin"
            for fault in here.random.choices(list(STORAGE_FAULTS), k=here.random.randint(0, 4)):
                here.fault(STORAGE_FAULTS[fault], "PostObject", fake="s3")
                counts.note(f"fault: {fault}")
            content = BODY[: here.random.randint(1, len(BODY))]

            async def act(name: str = name, content: bytes = content) -> None:
                file = await pachca.uploads.file(content, name=name)
                await pachca.messages.create(chat_id=here.room, content=name, files=[file])

            verdict = await told(act)
            attached = [
                file.key
                for message in here.there(name)
                for file in here.pachca.state.tables.messages[message].files
            ]
            whole = [key for key in attached if here.s3.find(key) and here.s3.read(key) == content]
            counts.judge(verdict, len(whole))
            counts.lost += len(attached) - len(whole)
            here.fakes.kernel.faults.clear()
    return counts


class Shop:
    """A bot's program: what it handled, and its receiver on a port that can be closed and opened."""

    def __init__(self, here: Stage, inbox: Path | None) -> None:
        self.here = here
        self.handled: list[str] = []
        self.stuck = asyncio.Event()
        self.hold: str | None = None
        self._inbox = inbox
        self._runner: web.AppRunner | None = None
        self._receiver: Receiver | None = None
        self.port = 0

    async def open(self) -> None:
        """Start the program, on the port of before."""
        inbox = None if self._inbox is None else FileInbox(self._inbox)
        receiver = Receiver(self.here.bot["webhook_secret"], clock=self.here.clock, inbox=inbox)
        receiver.on(MessageNew)(self._heard)
        app = web.Application()
        app.router.add_post("/pachca", receiver)
        self._receiver, self._runner = receiver, web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = int(self._runner.addresses[0][1])
        await receiver.start()

    async def crash(self) -> None:
        """End the program at once: what runs is not finished."""
        runner, receiver = self._runner, self._receiver
        self._runner = self._receiver = None
        if runner is not None and receiver is not None:
            await receiver.aclose(grace=0)
            await runner.cleanup()

    async def settled(self) -> None:
        """Wait until everything taken is handled."""
        if self._receiver is not None:
            await self._receiver.join()

    async def _heard(self, event: MessageNew) -> None:
        if self.hold == event.content:
            self.stuck.set()
            await asyncio.Event().wait()
        self.handled.append(event.content)


async def receiver_down(here: Stage, trials: int, *, failures: int) -> Counts:
    """Say three things while nobody listens; listen again after ``failures`` vain tries (4 is the last)."""
    counts = Counts()
    shop = Shop(here, None)
    await shop.open()
    here.pachca.set_webhook(here.bot["id"], f"http://127.0.0.1:{shop.port}/pachca")
    journal = here.fakes.kernel.journal
    tries = Match(kinds=frozenset({"webhook.out"}))
    for number in range(trials):
        await shop.crash()
        texts = [f"trial {number}: {each}" for each in range(3)]
        after = journal.last
        for text in texts:
            here.say(text)
        for attempt in range(1, failures + 1):
            await journal.wait_for(tries, after=after, count=attempt, timeout=PATIENCE)
            if attempt < 4:
                pause = PAUSES[attempt - 1]
                if attempt == failures:
                    await shop.open()
                await _advance(here, pause)
        owed = len(texts)
        vain = failures
        if failures == 4:
            # The first is given up; the second has begun, in vain, before anybody listens again.
            owed, vain = owed - 1, vain + 1
            await journal.wait_for(tries, after=after, count=vain, timeout=PATIENCE)
            await shop.open()
            await _advance(here, PAUSES[0])
        await journal.wait_for(tries, after=after, count=vain + owed, timeout=PATIENCE)
        await shop.settled()
        for text in texts:
            counts.trials += 1
            times = shop.handled.count(text)
            counts.done += times > 0
            counts.doubled += times > 1
            counts.lost += times == 0
    await shop.crash()
    return counts


async def _advance(here: Stage, seconds: float) -> None:
    # The sender writes its try down first and begins to wait afterwards.
    for _ in range(20):
        await asyncio.sleep(0)
    here.fakes.kernel.clock.advance(seconds)


async def receiver_crashes(here: Stage, trials: int, folder: Path | None) -> Counts:
    """Let the program die with one acknowledged event in its hands; with ``folder`` it has an inbox."""
    counts = Counts()
    shop = Shop(here, None if folder is None else folder / "inbox")
    await shop.open()
    here.pachca.set_webhook(here.bot["id"], f"http://127.0.0.1:{shop.port}/pachca")
    journal = here.fakes.kernel.journal
    tries = Match(kinds=frozenset({"webhook.out"}))
    for number in range(trials):
        texts = [f"trial {number}: {each}" for each in range(3)]
        shop.hold, shop.stuck = here.random.choice(texts), asyncio.Event()
        after = journal.last
        for text in texts:
            here.say(text)
        async with asyncio.timeout(PATIENCE):
            await shop.stuck.wait()
        await journal.wait_for(tries, after=after, count=len(texts), timeout=PATIENCE)
        await shop.crash()
        # They are handled one after the other: what stands behind the one in hand is in flight too.
        counts.note("in flight at the crashes", len(texts) - texts.index(shop.hold or ""))
        shop.hold = None
        await shop.open()
        await shop.settled()
        for text in texts:
            counts.trials += 1
            times = shop.handled.count(text)
            counts.done += times > 0
            counts.doubled += times > 1
            counts.lost += times == 0
    await shop.crash()
    return counts


async def history_crashes(here: Stage, trials: int, *, in_hand: bool) -> Counts:
    """Read the history, end in the middle of it, read on; sometimes the API fails meanwhile.

    With ``in_hand`` the end cancels a handler; else it comes when a handler is done.
    """
    counts = Counts()
    handled: list[str] = []
    for number in range(trials):
        texts = [f"trial {number}: {each}" for each in range(5)]
        for text in texts[:3]:
            here.say(text)
        dies_at = here.random.choice(texts[:3])
        if here.random.random() < 0.3:
            here.fault(Do("status", status=503), "GET /webhooks/events")
            counts.note("fault: history 503")
        if here.random.random() < 0.3:
            here.fault(Do("cut_after_commit"), "DELETE /webhooks/events/{id}")
            counts.note("fault: delete cut after it was done")
        await _poll_until(here, handled, dies_at, finished=not in_hand)
        for text in texts[3:]:
            here.say(text)
        await _poll_until(here, handled, texts[-1], finished=True, drained=True)
        for text in texts:
            counts.trials += 1
            times = handled.count(text)
            counts.done += times > 0
            counts.doubled += times > 1
            counts.lost += times == 0
        here.fakes.kernel.faults.clear()
    return counts


async def _poll_until(
    here: Stage, handled: list[str], last: str, *, finished: bool, drained: bool = False
) -> None:
    """Run a poller until it handles ``last``; it dies before or right after the handler is done."""
    reached, dying = asyncio.Event(), asyncio.Event()
    async with here.client() as pachca:
        poller = HistoryPoller(pachca)

        async def heard(event: MessageNew) -> None:
            if event.content == last and not finished:
                reached.set()
                await dying.wait()
                # What a program's end does to a handler whose time of grace is over.
                raise asyncio.CancelledError
            handled.append(event.content)
            if event.content == last:
                reached.set()

        poller.on(MessageNew)(heard)
        running = asyncio.create_task(poller.run())
        try:
            async with asyncio.timeout(PATIENCE):
                await reached.wait()
                if drained:
                    await _emptied(here)
        finally:
            dying.set()
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running


async def _emptied(here: Stage) -> None:
    """Wait until every event is gone from the history."""
    journal = here.fakes.kernel.journal
    gone = Match(operations=frozenset({"DELETE /webhooks/events/{id}"}))
    while here.pachca.state.tables.history.get(here.bot["id"]):
        await journal.wait_for(gone, after=journal.last, timeout=PATIENCE)


async def frequency_storm(here: Stage, messages: int) -> Counts:
    """Let three clients that know nothing of each other send to one chat under the real limits."""
    counts = Counts()
    clients = [here.client() for _ in range(3)]
    after = here.fakes.kernel.journal.last
    for number in range(messages):
        text = f"storm {number}"
        send = partial(clients[number % 3].messages.deliver, text, chat_id=here.room)
        counts.judge(await told(send), len(here.there(text)))
    counts.note("answers 429", here.asked("POST /messages", status=429, after=after))
    counts.note("seconds slept", round(here.clock.slept))
    for client in clients:
        await client.aclose()
    return counts


async def quota(here: Stage, days: int) -> Counts:
    """Use the daily quota up, push on five times, wait as long as was asked, send again."""
    counts = Counts()
    here.pachca.patch_settings({"daily_quota": 10})
    async with here.client() as pachca:
        for day in range(days):
            refusal: QuotaExceeded | None = None
            for number in range(15):
                text = f"day {day}: {number}"
                try:
                    await pachca.messages.deliver(text, chat_id=here.room)
                    counts.judge("done", len(here.there(text)))
                except QuotaExceeded as error:
                    refusal = error
                    counts.judge("refused", len(here.there(text)))
            if refusal is not None and refusal.retry_after is not None:
                counts.note("longest pause asked, s", 0)
                longest = counts.notes["longest pause asked, s"]
                counts.notes["longest pause asked, s"] = max(longest, round(refusal.retry_after))
                await here.clock.sleep(refusal.retry_after + 1)
    counts.note("answers 429", here.asked("POST /messages", status=429))
    return counts


async def token_revoked(here: Stage, trials: int) -> Counts:
    """Take the token away in the middle of ten sends; give the program the new one, and it goes on."""
    counts = Counts()
    token = here.bot["token"]
    async with here.client(here.admin["token"]) as admin:
        for number in range(trials):
            revoked_at = here.random.randint(0, 9)
            after = here.fakes.kernel.journal.last
            refused = 0
            async with here.client(token) as pachca:
                for each in range(10):
                    if each == revoked_at:
                        token = (await admin.bots.recreate_token(here.bot["id"])).access_token or ""
                    text = f"trial {number}: {each}"
                    try:
                        await pachca.messages.deliver(text, chat_id=here.room)
                        counts.judge("done", len(here.there(text)))
                    except Unauthorized:
                        refused += 1
                        counts.judge("refused", len(here.there(text)))
            asked = here.asked("POST /messages", status=401, after=after)
            counts.note("tries beyond one for a refused send", asked - refused)
    return counts


async def poller_revoked(here: Stage, trials: int) -> Counts:
    """Take the token of a poller away between events; with the new one nothing is missing."""
    counts = Counts()
    handled: list[str] = []
    token = here.bot["token"]
    async with here.client(here.admin["token"]) as admin:
        for number in range(trials):
            texts = [f"trial {number}: {each}" for each in range(4)]
            here.say(texts[0])
            token = (await admin.bots.recreate_token(here.bot["id"])).access_token or ""
            for text in texts[1:]:
                here.say(text)
            async with here.client(token) as pachca:
                poller = HistoryPoller(pachca)

                async def heard(event: MessageNew) -> None:
                    nonlocal token
                    handled.append(event.content)
                    if event.content == texts[1]:  # noqa: B023 - the poller ends within the turn
                        token = (await admin.bots.recreate_token(here.bot["id"])).access_token or ""

                poller.on(MessageNew)(heard)
                async with asyncio.timeout(PATIENCE):
                    with suppress(Unauthorized):
                        await poller.run()
                    counts.note("pollers that said so")
            await _poll_until_empty(here, token, handled)
            for text in texts:
                counts.trials += 1
                times = handled.count(text)
                counts.done += times > 0
                counts.doubled += times > 1
                counts.lost += times == 0
    return counts


async def _poll_until_empty(here: Stage, token: str, handled: list[str]) -> None:
    async with here.client(token) as pachca:
        poller = HistoryPoller(pachca)

        async def heard(event: MessageNew) -> None:
            handled.append(event.content)

        poller.on(MessageNew)(heard)
        running = asyncio.create_task(poller.run())
        try:
            async with asyncio.timeout(PATIENCE):
                await _emptied(here)
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
