"""Every operation of the control API, and what the fake agent says, checked both ways."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import cast

import aiohttp
import pytest
from schema_client import CheckedRest, Json

from tolmach_mockservers.ready import write
from tolmach_mockservers.server import Fakes
from tolmach_schemas import operations
from tolmach_schemas.validation import compile_document

ALL = {f"{one.method} {one.path}" for one in operations("control") if not one.path.startswith("/pachca")}


@pytest.fixture
async def fakes() -> AsyncIterator[Fakes]:
    async with Fakes(seed=5) as running:
        yield running


@pytest.fixture
async def control(fakes: Fakes) -> AsyncIterator[CheckedRest]:
    async with aiohttp.ClientSession() as session:
        where = fakes.ready["control"]
        yield CheckedRest(session, "control", where["url"], {"Authorization": f"Bearer {where['token']}"})


async def test_every_operation_is_as_written(fakes: Fakes, control: CheckedRest) -> None:
    bot = fakes.ready["rocketchat"]["bot"]["id"]
    await control.call("GET /health")
    await control.call("GET /openapi.json")
    await control.acting_as({}).call("GET /clock", status=401)
    person = await control.call("POST /rocketchat/people", {"username": "carol", "kind": "human"})
    await control.call("POST /rocketchat/people", {})
    await control.call("POST /rocketchat/people", {"username": "carol"}, status=409)
    await control.call("POST /rocketchat/people", {"kind": "robot"}, status=400, fits=False)
    carol = {"id": str(person["id"])}
    room = await control.call(
        "POST /rocketchat/rooms", {"kind": "public", "members": [carol["id"], bot], "topic": "t"}
    )
    await control.call("POST /rocketchat/rooms", {"kind": "direct", "members": [carol["id"], bot]})
    await control.call("GET /world")
    said = await control.call(
        "POST /rocketchat/people/{id}/say", {"room_id": room["id"], "text": "hi"}, at=carol
    )
    message = {"message_id": said["message_id"]}
    await control.call("POST /rocketchat/people/{id}/edit", {**message, "text": "ho"}, at=carol)
    await control.call(
        "POST /rocketchat/people/{id}/react", {**message, "emoji": ":tada:", "add": True}, at=carol
    )
    await control.call("POST /rocketchat/redeliver", message)
    await control.call("POST /rocketchat/people/{id}/delete", message, at=carol)
    await control.call("POST /rocketchat/people/{id}/delete", message, at={"id": "nobody"}, status=404)
    await control.call("PATCH /rocketchat/settings", {"rate_limits": False, "Message_MaxAllowedSize": 100})
    await control.call("POST /rocketchat/frames", {"user_id": bot, "frame": "{{{"})
    await control.call("GET /rocketchat/sockets")
    for action in ("drop", "half-open", "heal"):
        await control.call(f"POST /rocketchat/sockets/{action}", {"user_id": bot})
    await control.call("POST /rocketchat/tokens/revoke", {"user_id": carol["id"]})
    fault = await control.call(
        "POST /faults", {"fake": "agent", "do": {"kind": "status", "status": 503, "body": {}}}
    )
    event = {"operation": "stream-room-messages", "direction": "out", "text": "hi"}
    await control.call(
        "POST /faults", {"fake": "rocketchat", "on": event, "do": {"kind": "strip", "field": "u"}}
    )
    await control.call(
        "POST /faults", {"fake": "rocketchat", "do": {"kind": "strip"}}, status=400, fits=False
    )
    await control.call("GET /faults")
    await control.call("DELETE /faults/{id}", at={"id": str(fault["id"])})
    await control.call("DELETE /faults")
    await control.call("GET /journal", query={"fake": "rocketchat", "limit": "5", "after": "0"})
    await control.call("POST /journal/wait", {"match": {"text": "hi"}, "after": 0, "count": 1, "timeout": 0})
    await control.call("GET /journal/canonical")
    await control.call("GET /violations")
    await control.call(
        "POST /agent/scripts", {"match": {"text": "n"}, "answers": [[{"say": "hi"}]], "times": None}
    )
    await control.call("POST /agent/scripts", {"answers": [[{"sing": "hi"}]]}, status=400, fits=False)
    await control.call("DELETE /agent/scripts")
    await control.call("POST /agent/gates/{name}/open", at={"name": "gate"})
    await control.call("GET /agent/models")
    await control.call("POST /s3/buckets", {"name": "reports"})
    await control.call("POST /s3/buckets", {"name": "reports"}, status=409)
    await control.call("POST /s3/keys", {})
    await control.call("POST /s3/keys", {"expires_in": 60})
    await control.call("GET /s3")
    clock = await control.call("POST /clock/freeze", {})
    await control.call(
        "GET /clock/wait", query={"version": str(cast("int", clock["version"]) - 1), "client": "c"}
    )
    await control.call("POST /clock/resume")
    await control.call("GET /clock")
    await control.call("POST /seed", {"seed": 9})
    snapshot = await control.call("POST /snapshots")
    await control.call("POST /snapshots/{id}/restore", at={"id": str(snapshot["id"])})
    await control.call("POST /snapshots/{id}/restore", at={"id": "nothing"}, status=404)
    await control.call("POST /reset")
    await control.call("POST /clock/advance", {"seconds": 60})
    assert control.wrong == []
    assert ALL - control.seen == set(), "written but never called"


async def test_the_ready_file_is_as_written(fakes: Fakes, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("ready") / "ready.json"
    write(file, fakes.ready)
    text = await asyncio.to_thread(file.read_text)
    assert compile_document("ready.schema")(json.loads(text)) == []


async def test_the_agent_answers_as_written(fakes: Fakes, control: CheckedRest) -> None:
    ready = fakes.ready["agent"]
    root = ready["url"].removesuffix("/v1")
    async with aiohttp.ClientSession() as session:
        agent = CheckedRest(session, "agent", root, {"Authorization": f"Bearer {ready['key']}"})
        body: Json = {"model": ready["model"], "messages": [{"role": "user", "content": "nonce"}]}
        await agent.call("GET models")
        await agent.call("GET models/{name}", at={"name": ready["model"]})
        await agent.call("GET models/{name}", at={"name": "none"}, status=404)
        await agent.call("POST chat/completions", body)
        await agent.acting_as({}).call("POST chat/completions", body, status=401)
        await agent.call("POST chat/completions", {**body, "messages": []}, status=400, fits=False)
        tool = {"tool_call": {"name": "message", "arguments": {"action": "react"}}}
        for status in (429, 500, 503):
            script = {"match": {"text": "nonce"}, "answers": [[{"fail": {"status": status}}]], "times": 1}
            await control.call("POST /agent/scripts", script)
            await agent.call("POST chat/completions", body, status=status)
        await control.call(
            "POST /agent/scripts", {"match": {"text": "nonce"}, "answers": [[tool]], "times": 1}
        )
        await agent.call("POST chat/completions", body)
        assert agent.wrong + control.wrong == []


async def test_a_streamed_answer_is_as_written(fakes: Fakes, control: CheckedRest) -> None:
    ready = fakes.ready["agent"]
    tool = {"tool_call": {"name": "message", "arguments": {"action": "react"}}}
    answer = [{"stream": ["Hel", "lo"], "pause": 0}, tool]
    await control.call("POST /agent/scripts", {"match": {"text": "nonce"}, "answers": [answer]})
    body: Json = {
        "model": ready["model"],
        "messages": [{"role": "user", "content": "nonce"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    headers = {"Authorization": f"Bearer {ready['key']}"}
    url = f"{ready['url']}/chat/completions"
    async with aiohttp.ClientSession() as session, session.post(url, json=body, headers=headers) as response:
        text = await response.text()
    events = [line.removeprefix("data: ") for line in text.splitlines() if line]
    assert events.pop() == "[DONE]"
    check = compile_document("agent/openapi", "Chunk")
    assert [line for event in events for line in check(json.loads(event))] == []
    assert len(events) >= 4


async def test_the_journal_of_all_that_is_as_written(fakes: Fakes, control: CheckedRest) -> None:
    people = fakes.ready["rocketchat"]["people"]
    room = fakes.ready["rocketchat"]["rooms"]["general"]["id"]
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(fakes.ready["rocketchat"]["ws"]) as socket:
            await socket.send_json({"msg": "connect", "version": "1", "support": ["1"]})
            await socket.send_json(
                {
                    "msg": "method",
                    "method": "login",
                    "id": "1",
                    "params": [{"resume": people["bob"]["token"]}],
                }
            )
            await control.call(
                "POST /journal/wait", {"match": {"kind": "socket.login"}, "count": 1, "timeout": 10}
            )
            await control.call(
                "POST /rocketchat/people/{id}/say",
                {"room_id": room, "text": "x"},
                at={"id": people["alice"]["id"]},
            )
        await control.call(
            "POST /journal/wait", {"match": {"kind": "socket.close"}, "count": 1, "timeout": 10}
        )
        async with session.get(f"{fakes.ready['rocketchat']['url']}/api/v1/no.such.thing") as response:
            assert response.status == 404
        wrong = {"X-User-Id": "x", "X-Auth-Token": "y"}
        async with session.get(f"{fakes.ready['rocketchat']['url']}/api/v1/me", headers=wrong) as response:
            assert response.status == 401
    journal = await control.call("GET /journal")
    kinds = {str(entry["kind"]) for entry in cast("list[Json]", journal["entries"])}
    assert {"http", "ddp.in", "ddp.out", "socket.open", "socket.login", "socket.close", "violation"} <= kinds
    assert control.wrong == []
