import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import pytest

from tolmach.channel.model import Identity
from tolmach.channel.platform import Platform, Probe
from tolmach.channel.runner import ChannelRunner
from tolmach.channel.status import AccountStatus
from tolmach.channel.turn import Agent, PairingState, PendingPairing
from tolmach.errors import ConfigError, ConnectFailed
from tolmach.gateway.account import Parts
from tolmach.gateway.accounts import AccountPlan
from tolmach.gateway.app import Gateway
from tolmach.gateway.asking import GatewayDownError, RefusedError, ask_gateway
from tolmach.gateway.building import Builder
from tolmach.gateway.config import GatewayPlan, make_plan
from tolmach.gateway.document import Document

SENTINEL = "sentinel-9f8e7d"
CREDENTIAL = {"serverUrl": "https://chat.example.com", "userId": "u", "pat": SENTINEL}


class StubRunner:
    """Stand for one account's channel, as the gateway sees it."""

    def __init__(self, account_id: str) -> None:
        self.account_id = account_id
        self.lifecycle = "ready"
        self.error = ""
        self.crash: Exception | None = None
        self.never_ready = False
        self.never_stops = False
        self.stopped = asyncio.Event()
        self.pending = PendingPairing("CODE2345", "stranger", "Stranger", 1.0, 2.0)

    async def run(self) -> None:
        if self.crash is not None:
            raise self.crash
        await self.stopped.wait()

    async def ready(self) -> None:
        if self.never_ready:
            await asyncio.Event().wait()

    async def stop(self, within: float = 10.0) -> None:
        if self.never_stops:
            await asyncio.Event().wait()
        self.stopped.set()

    def status(self) -> AccountStatus:
        connected = self.lifecycle == "ready"
        return AccountStatus(
            self.account_id,
            running=True,
            connected=connected,
            lifecycle="ready" if connected else "blocked",
            last_error=self.error,
            drops={"missing-mention": 2},
        )

    async def pairings(self) -> PairingState:
        return PairingState((self.pending,))

    async def approve(self, code: str) -> str | None:
        return self.pending.user_id if code.upper() == self.pending.code else None


class StubPlatform:
    """Stand for an adapter, as the gateway sees it."""

    def identity(self) -> Identity:
        return Identity("b1", "bot", "The Bot")

    async def probe(self) -> Probe:
        return Probe(ok=True, id="b1", name="The Bot", status=200)


Runners = dict[str, StubRunner]


@pytest.fixture
def runners(monkeypatch: pytest.MonkeyPatch) -> Runners:
    """Let every account be a stub, kept by its id; made ahead so that a test can prepare it."""
    made: Runners = {}

    def build(builder: Builder, plan: AccountPlan, settings: object, agent: Agent) -> Parts:
        runner = made.setdefault(plan.account_id, StubRunner(plan.account_id))
        return Parts(cast("Platform", StubPlatform()), cast("ChannelRunner", runner))

    monkeypatch.setattr(Builder, "parts", build)
    return made


def plan_of(tmp_path: Path, block: object = CREDENTIAL, **top: object) -> GatewayPlan:
    document = {"stateDir": str(tmp_path / "state"), "channels": {"rocketchat": block}, **top}
    return make_plan(Document("bot.yaml", document), {})


@asynccontextmanager
async def running(plan: GatewayPlan) -> AsyncIterator[tuple[Gateway, str]]:
    gateway = Gateway(plan)
    greeting: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(gateway.serve(greeting.set_result))
    done, _ = await asyncio.wait({serving, greeting}, return_when=asyncio.FIRST_COMPLETED)
    if serving in done:
        serving.result()
    yield gateway, await greeting
    gateway.stop()
    await serving


async def ask(
    plan: GatewayPlan, method: str, path: str, body: dict[str, object] | None = None
) -> dict[str, object]:
    return await asyncio.to_thread(ask_gateway, plan.state_dir, method, path, body)


def accounts(snapshot: dict[str, object]) -> list[dict[str, object]]:
    return cast("list[dict[str, object]]", snapshot["accounts"])


async def test_it_greets_when_every_account_is_connected(tmp_path: Path, runners: Runners):
    async with running(plan_of(tmp_path)) as (_, greeting):
        assert greeting == "tolmach gateway ready: rocketchat:default connected as @bot"


async def test_the_snapshot_has_every_field_and_no_secret(tmp_path: Path, runners: Runners):
    plan = plan_of(tmp_path, apiKey="sentinel-key-123", agentUrl="http://127.0.0.1:1/v1")
    runners["default"] = StubRunner("default")
    runners["default"].error = f"GET me: token {SENTINEL} was refused"
    async with running(plan):
        snapshot = await ask(plan, "GET", "/status")
        on_disk = json.loads((plan.state_dir / "gateway.json").read_text())
    (account,) = accounts(snapshot)
    assert set(account) >= {
        "accountId",
        "name",
        "enabled",
        "configured",
        "running",
        "connected",
        "lifecycle",
        "lastConnectedAt",
        "lastDisconnect",
        "lastError",
        "lastInboundAt",
        "lastOutboundAt",
        "credential",
        "drops",
        "agentUrl",
    }
    assert account["credential"] == {"source": "config", "status": "available"}
    assert account["drops"] == {"missing-mention": 2}
    assert snapshot["ready"] is True
    assert on_disk["accounts"] == snapshot["accounts"]
    for text in (json.dumps(snapshot), json.dumps(on_disk)):
        assert "sentinel" not in text


async def test_the_last_snapshot_says_that_it_stopped_and_nothing_answers(tmp_path: Path, runners: Runners):
    plan = plan_of(tmp_path)
    async with running(plan):
        pass
    last = json.loads((plan.state_dir / "gateway.json").read_text())
    assert last["stopping"] is True
    assert last["accounts"][0]["running"] is False
    with pytest.raises(GatewayDownError):
        await ask(plan, "GET", "/status")


async def test_one_account_that_crashes_does_not_touch_the_other(
    tmp_path: Path, runners: Runners, caplog: pytest.LogCaptureFixture
):
    runners["second"] = StubRunner("second")
    runners["second"].crash = RuntimeError("a bug")
    plan = plan_of(tmp_path, {**CREDENTIAL, "accounts": {"second": {"userId": "u2", "pat": "p2"}}})
    async with running(plan):
        first, second = accounts(await ask(plan, "GET", "/status"))
        assert (first["running"], first["connected"]) == (True, True)
        assert (second["running"], second["lifecycle"]) == (False, "blocked")
        assert "a bug" in str(second["lastError"])
        assert not runners["default"].stopped.is_set()
    assert "rocketchat:second stopped by an unexpected error" in caplog.text


async def test_a_broken_account_is_listed_and_the_other_runs(
    tmp_path: Path, runners: Runners, caplog: pytest.LogCaptureFixture
):
    plan = plan_of(tmp_path, {**CREDENTIAL, "accounts": {"second": {"dmPolicy": "everyone"}}})
    async with running(plan) as (_, greeting):
        _, second = accounts(await ask(plan, "GET", "/status"))
    assert second["configured"] is False
    assert "dmPolicy" in str(second["lastError"])
    assert "rocketchat:default connected" in greeting
    assert "rocketchat:second not started" in greeting
    assert list(runners) == ["default"]
    assert "none of pairing" in caplog.text


def test_nothing_starts_when_every_account_is_broken(tmp_path: Path):
    with pytest.raises(ConfigError, match="dmPolicy"):
        Gateway(plan_of(tmp_path, {**CREDENTIAL, "dmPolicy": "everyone"}))
    assert not (tmp_path / "state").exists()


async def test_what_is_switched_off_is_shown_so(tmp_path: Path, runners: Runners):
    plan = plan_of(tmp_path, {**CREDENTIAL, "enabled": False})
    async with running(plan) as (_, greeting):
        (account,) = accounts(await ask(plan, "GET", "/status"))
    assert (account["lifecycle"], account["connected"], account["running"]) == ("disabled", False, False)
    assert greeting.endswith("rocketchat:default disabled")
    assert runners == {}


async def test_a_blocked_account_keeps_the_gateway_running(tmp_path: Path, runners: Runners):
    runners["default"] = StubRunner("default")
    runners["default"].lifecycle, runners["default"].error = "blocked", "GET me: the credential was refused"
    plan = plan_of(tmp_path)
    async with running(plan) as (_, greeting):
        (account,) = accounts(await ask(plan, "GET", "/status"))
    assert "blocked: GET me" in greeting
    assert account["credential"] == {"source": "config", "status": "refused"}


async def test_an_account_that_cannot_be_built_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def fail(*_: object) -> Parts:
        raise ConnectFailed("no route", call="GET me")

    monkeypatch.setattr(Builder, "parts", fail)
    plan = plan_of(tmp_path)
    async with running(plan) as (_, greeting):
        assert "not started: GET me: no route" in greeting


async def test_pairing_is_listed_and_approved_at_the_account_that_knows_the_code(
    tmp_path: Path, runners: Runners
):
    plan = plan_of(tmp_path)
    async with running(plan):
        listed = await ask(plan, "GET", "/pairing")
        assert listed["pending"] == [
            {
                "account": "rocketchat:default",
                "code": "CODE2345",
                "userId": "stranger",
                "label": "Stranger",
                "createdAt": 1.0,
                "lastSeenAt": 2.0,
            }
        ]
        assert (await ask(plan, "GET", "/pairing?account=other"))["pending"] == []
        with pytest.raises(RefusedError, match="no one waits with the code WRONG"):
            await ask(plan, "POST", "/pairing/approve", {"code": "WRONG"})
        with pytest.raises(RefusedError, match="needs a code"):
            await ask(plan, "POST", "/pairing/approve", {})
        approved = await ask(
            plan, "POST", "/pairing/approve?account=rocketchat:default", {"code": "code2345"}
        )
        assert approved == {"account": "rocketchat:default", "userId": "stranger"}


async def test_it_probes_and_stops_by_its_socket(tmp_path: Path, runners: Runners):
    plan = plan_of(tmp_path)
    gateway = Gateway(plan)
    ready = asyncio.Event()
    serving = asyncio.create_task(gateway.serve(lambda _: ready.set()))
    await ready.wait()
    probes = await ask(plan, "POST", "/probe", {})
    assert probes["probes"] == [
        {
            "account": "rocketchat:default",
            "ok": True,
            "id": "b1",
            "name": "The Bot",
            "status": 200,
            "error": "",
        }
    ]
    assert await ask(plan, "POST", "/stop", {}) == {"ok": True}
    await serving
    assert runners["default"].stopped.is_set()


async def test_it_stops_while_an_account_is_still_connecting(tmp_path: Path, runners: Runners):
    runners["default"] = StubRunner("default")
    runners["default"].never_ready = True
    gateway = Gateway(plan_of(tmp_path))
    greeted: list[str] = []
    serving = asyncio.create_task(gateway.serve(greeted.append))
    gateway.stop()
    await serving
    assert greeted == []


async def test_an_account_that_does_not_stop_does_not_hold_the_gateway(
    tmp_path: Path, runners: Runners, caplog: pytest.LogCaptureFixture
):
    runners["default"] = StubRunner("default")
    runners["default"].never_stops = True
    gateway = Gateway(plan_of(tmp_path), stop_within=0.05)
    serving = asyncio.create_task(gateway.serve(lambda _: gateway.stop()))
    await serving
    assert "rocketchat:default did not stop in time" in caplog.text


async def test_two_gateways_do_not_share_a_state_folder(tmp_path: Path, runners: Runners):
    plan = plan_of(tmp_path)
    async with running(plan):
        with pytest.raises(ConfigError, match="another gateway"):
            await Gateway(plan).serve()
        assert (await ask(plan, "GET", "/status"))["ready"] is True


async def test_a_deep_state_folder_works_all_the_same(tmp_path: Path, runners: Runners):
    plan = make_plan(
        Document("b", {"stateDir": str(tmp_path / ("d" * 110)), "channels": {"rocketchat": CREDENTIAL}}), {}
    )
    async with running(plan):
        assert (await ask(plan, "GET", "/status"))["ready"] is True


async def test_no_log_line_shows_a_secret(
    tmp_path: Path, runners: Runners, capsys: pytest.CaptureFixture[str]
):
    from tolmach.gateway.logs import start_logging

    before = list(logging.getLogger().handlers)
    start_logging(debug=True)
    try:
        async with running(plan_of(tmp_path)):
            logging.getLogger("some.library").debug("header X-Auth-Token: %s", SENTINEL)
    finally:
        root = logging.getLogger()
        for handler in [one for one in root.handlers if one not in before]:
            root.removeHandler(handler)
        root.setLevel(logging.WARNING)
        logging.captureWarnings(capture=False)
    out, err = capsys.readouterr()
    assert "some.library" in err
    assert SENTINEL not in out + err
