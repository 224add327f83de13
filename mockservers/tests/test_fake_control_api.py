import asyncio
from typing import Any

import pytest

from tolmach_mockservers.server import Fakes

HI = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eA=="}])
async def test_every_route_but_health_and_description_needs_the_token(
    control: Any, headers: dict[str, str]
) -> None:
    status, body = await control.call("GET", "/journal", headers=headers)
    assert status == 401
    assert "Authorization: Bearer <control.token of the ready file>" in body["error"]
    assert (await control.call("GET", "/nowhere", headers=headers)).status == 401
    assert (await control.call("GET", "/health", headers=headers)).body == {"ok": True}
    assert (await control.call("GET", "/openapi.json", headers=headers)).status == 200


async def test_an_unknown_route_and_a_wrong_method_say_what_there_is(control: Any) -> None:
    status, body = await control.call("GET", "/jornal")
    assert status == 404
    assert "no such route: GET /control/jornal; /control/openapi.json lists them" in body["error"]
    status, body = await control.call("PUT", "/clock")
    assert status == 405
    assert "/control/clock takes GET, not PUT" in body["error"]


async def test_a_body_that_is_not_json_is_refused(control: Any) -> None:
    async with control.session.post(f"{control.url}/faults", data=b"{", headers=control.headers) as response:
        assert response.status == 400
        assert "the body is not JSON" in (await response.json())["error"]


async def test_the_description_lists_every_route_there_is(agent_fakes: Fakes, control: Any) -> None:
    described = await control.get("/openapi.json")
    assert described["servers"][0]["url"] == agent_fakes.ready["control"]["url"]
    for path, item in described["paths"].items():
        for method in item:
            asked = path.replace("{id}", "x").replace("{name}", "x")
            body = {"timeout": 0} if path == "/journal/wait" else None
            status, _ = await control.call(method.upper(), asked, body)
            assert status not in {405, 500}, (method, path)
            assert status != 404 or "{" in path, (method, path)


async def test_a_fake_that_does_not_run_is_a_conflict_with_the_remedy(control: Any) -> None:
    status, body = await control.call("POST", "/rocketchat/people", {})
    assert status == 409
    assert "tolmach up rocketchat" in body["error"]
    answer = await control.refused("/faults", {"fake": "rocketchat", "do": {"kind": "lose"}})
    assert answer["field"] == "fake"
    assert await control.get("/world") == {}


async def test_the_journal_is_searched_by_query(control: Any, chat: Any) -> None:
    for text in ("one", "two"):
        await chat.post("/chat/completions", {"model": "m", "messages": [{"role": "user", "content": text}]})
    found = await control.get("/journal?kind=agent.request&text=tw")
    assert [entry["text"] for entry in found["entries"]] == ["two"]
    assert found["last"] == 4
    both = await control.get("/journal?kind=agent.request,agent.answer&after=1&limit=2")
    assert [entry["seq"] for entry in both["entries"]] == [2, 3]
    assert (await control.get("/journal?fake=rocketchat"))["entries"] == []
    assert (await control.get("/journal?operation=chat/completions,models&after=4"))["entries"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [("?kinds=http", "kinds"), ("?after=x", "after"), ("?limit=0", "limit"), ("?after=-1", "after")],
)
async def test_a_wrong_query_is_refused_by_field(control: Any, query: str, field: str) -> None:
    status, body = await control.call("GET", f"/journal{query}")
    assert (status, body["field"]) == (400, field)


async def test_a_wait_wakes_on_the_entry(control: Any, chat: Any) -> None:
    waiting = asyncio.create_task(
        control.post("/journal/wait", {"match": {"kind": "agent.request", "text": "nonce"}, "timeout": 30})
    )
    await control.get("/health")
    await chat.post("/chat/completions", {"model": "m", "messages": [{"role": "user", "content": "nonce"}]})
    waited = await waiting
    assert waited["matched"]
    assert [entry["text"] for entry in waited["entries"]] == ["nonce"]
    assert waited["near"] == []


async def test_a_wait_in_vain_says_what_came_near(control: Any, chat: Any) -> None:
    await chat.post("/chat/completions", HI)
    waited = await control.post(
        "/journal/wait", {"match": {"kind": "agent.request", "text": "nonce"}, "timeout": 0}
    )
    assert not waited["matched"]
    assert [entry["text"] for entry in waited["near"]] == ["hi"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"timeout": 61}, "timeout"),
        ({"count": 0}, "count"),
        ({"match": {"kinds": "http"}}, "match.kinds"),
        ({"match": {"kind": 1}}, "match.kind"),
        ({"until": 1}, "until"),
    ],
)
async def test_a_wrong_wait_is_refused_by_field(control: Any, body: object, field: str) -> None:
    assert (await control.refused("/journal/wait", body))["field"] == field


async def test_faults_are_listed_and_taken_back(control: Any) -> None:
    made = [
        (await control.post("/faults", {"fake": "agent", "do": {"kind": "cut_before"}}))["id"]
        for _ in range(3)
    ]
    assert [fault["id"] for fault in (await control.get("/faults"))["faults"]] == made
    await control.call("DELETE", f"/faults/{made[0]}")
    assert [fault["id"] for fault in (await control.get("/faults"))["faults"]] == made[1:]
    await control.call("DELETE", "/faults")
    assert (await control.get("/faults"))["faults"] == []


async def test_the_clock_is_frozen_advanced_and_resumed(control: Any) -> None:
    start = await control.get("/clock")
    assert (start["frozen"], start["version"]) == (False, 0)
    at = start["now"] + 100
    assert await control.post("/clock/freeze", {"at": at}) == {"now": at, "frozen": True, "version": 1}
    advanced = await control.post("/clock/advance", {"seconds": 60})
    assert advanced == {"now": at + 60, "frozen": True, "version": 2, "clients": 0}
    assert (await control.post("/clock/resume"))["frozen"] is False


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/clock/freeze", {"at": 5}, "at"),
        ("/clock/advance", {"seconds": -1}, "seconds"),
        ("/clock/advance", {}, "seconds"),
        ("/clock/resume", {"now": 1}, "now"),
        ("/seed", {"seed": "x"}, "seed"),
    ],
)
async def test_a_wrong_clock_or_seed_request_is_refused_by_field(
    control: Any, path: str, body: object, field: str
) -> None:
    assert (await control.refused(path, body))["field"] == field


async def test_an_advance_answers_after_every_clock_client_has_come_back(
    agent_fakes: Fakes, control: Any
) -> None:
    first = asyncio.create_task(control.get("/clock/wait?version=0&client=subject"))
    while not agent_fakes.kernel.clock.clients():
        await control.get("/health")
    advanced = asyncio.create_task(control.post("/clock/advance", {"seconds": 5}))
    assert (await first)["version"] == 1
    assert not advanced.done()
    second = asyncio.create_task(control.get("/clock/wait?version=1&client=subject"))
    assert (await advanced)["clients"] == 1
    await control.post("/clock/resume")
    await second


async def test_a_clock_client_that_disconnects_holds_nobody_up(agent_fakes: Fakes, control: Any) -> None:
    poll = asyncio.create_task(control.get("/clock/wait?version=0&client=subject"))
    while not agent_fakes.kernel.clock.clients():
        await control.get("/health")
    poll.cancel()
    with pytest.raises(asyncio.CancelledError):
        await poll
    while agent_fakes.kernel.clock.clients():
        await control.get("/health")
    assert (await control.post("/clock/advance", {"seconds": 5}))["clients"] == 0


async def test_the_same_seed_and_stimuli_write_the_same_journal(control: Any, chat: Any) -> None:
    async def run() -> str:
        await control.post("/reset")
        await control.post("/seed", {"seed": 4})
        await control.post("/agent/scripts", {"answers": [[{"tool_call": {"name": "t"}}], [{"say": "x"}]]})
        for _ in range(2):
            await chat.post("/chat/completions", HI)
        text = (await control.call("GET", "/journal/canonical")).body
        assert isinstance(text, str)
        return text

    first = await run()
    assert first.count("\n") == 4
    assert await run() == first


async def test_a_reset_empties_journal_faults_and_scripts_and_lets_time_run(control: Any, chat: Any) -> None:
    await control.post("/agent/scripts", {"answers": [[{"say": "scripted"}]]})
    await control.post("/faults", {"fake": "agent", "do": {"kind": "cut_before"}})
    await control.post("/clock/freeze")
    await control.post("/reset")
    assert (await control.get("/journal"))["entries"] == []
    assert (await control.get("/clock"))["frozen"] is False
    answer = await chat.post("/chat/completions", HI)
    assert answer["choices"][0]["message"]["content"] == "Echo: hi"


async def test_an_unknown_snapshot_is_not_found(control: Any) -> None:
    status, body = await control.call("POST", "/snapshots/snapshot-9/restore")
    assert status == 404
    assert 'no snapshot is called "snapshot-9"' in body["error"]
