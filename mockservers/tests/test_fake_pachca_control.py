"""What the control API does to the fake Pachca, over HTTP, and how faults look on its wire."""

from typing import Any

import aiohttp
import pytest
from pachca_desk import Desk, Receiver

from tolmach_mockservers.canonical import canonical
from tolmach_mockservers.server import Fakes
from tolmach_schemas.validation import compile_operation


class Control:
    """Call the control API; every answer must be as it is written down."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.url = desk.fakes.ready["control"]["url"]

    async def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.desk.fakes.control_token}"}
        async with self.desk.session.request(method, self.url + path, json=body, headers=headers) as answer:
            status, shown = answer.status, await answer.json()
        template = "/".join("{id}" if word[-1:].isdecimal() else word for word in path.split("/"))
        check = compile_operation(f"{method} {template}", "control").response
        assert check(status, shown) == [], (path, shown)
        return status, shown

    async def post(self, path: str, body: Any = None) -> Any:
        status, shown = await self.call("POST", path, body or {})
        assert status == 200, shown
        return shown

    async def get(self, path: str) -> Any:
        return (await self.call("GET", path))[1]


@pytest.fixture
def control(pachca: Desk) -> Control:
    return Control(pachca)


async def test_people_rooms_and_acting_by_hand(pachca: Desk, control: Control) -> None:
    carol = await control.post("/pachca/people", {"name": "Carol Ann"})
    assert (carol["username"], carol["kind"], carol["role"]) == ("carol_ann", "human", "user")
    robot = await control.post("/pachca/people", {"name": "Robot", "kind": "bot"})
    assert (robot["username"], len(robot["webhook_secret"])) == ("robot_bot", 43)
    assert (await control.post("/pachca/people", {"kind": "guest", "role": "guest"}))["token"] == ""
    wish = {"name": "den", "kind": "channel", "members": [carol["id"], robot["id"]]}
    room = await control.post("/pachca/rooms", wish)
    me = f"/pachca/people/{carol['id']}"
    sent = (await control.post(f"{me}/say", {"room_id": room["id"], "text": "hi"}))["message_id"]
    below = {"room_id": room["id"], "text": "below", "thread_id": sent}
    reply = (await control.post(f"{me}/say", below))["message_id"]
    await control.post(f"{me}/edit", {"message_id": sent, "text": "ho"})
    await control.post(f"{me}/react", {"message_id": sent, "emoji": "👍"})
    await control.post(f"{me}/read", {"room_id": room["id"]})
    copy = (await control.post(f"{me}/forward", {"message_id": reply, "room_id": room["id"]}))["message_id"]
    pachca.tokens["carol"] = carol["token"]
    shown = await pachca.ok("carol", f"GET /messages/{sent}")
    assert (shown["content"], shown["thread"] is not None) == ("ho", True)
    forwarded = await pachca.ok("carol", f"GET /messages/{copy}")
    assert forwarded["forwarding"]["original_thread_message_id"] == sent
    assert (await pachca.call("carol", f"PUT /messages/{copy}", {"message": {"content": "x"}})).status == 403
    await control.post(f"{me}/delete", {"message_id": sent})
    world = await control.get("/pachca")
    assert {carol["id"], robot["id"]} <= {each["id"] for each in world["people"]}
    assert (await control.get("/world"))["pachca"] == world


async def test_hooks_clicks_calls_and_switches(pachca: Desk, control: Control, receiver: Receiver) -> None:
    bot, alice = pachca.ids["bot"], pachca.ids["alice"]
    await control.post("/pachca/webhook", {"bot_id": bot, "url": receiver.url})
    sent = await pachca.say("bot", pachca.general, buttons=[[{"text": "Go", "data": "go"}]])
    click = {"user_id": alice, "message_id": sent["id"], "data": "go"}
    trigger = (await control.post("/pachca/clicks", click))["trigger_id"]
    assert (await receiver.next("button")).payload["trigger_id"] == trigger
    view = {"title": "T", "blocks": [{"type": "header", "text": "H"}]}
    await pachca.call("bot", "POST /views/open", {"type": "modal", "trigger_id": trigger, "view": view})
    (opened,) = (await control.get("/pachca/forms"))["views"]
    submitted = {"user_id": alice, "view_id": opened["view_id"], "data": {}}
    assert (await control.post("/pachca/forms/submit", submitted))["outcome"] == "closed"
    call = {"room_id": pachca.general, "members": [alice]}
    assert "recording_id" in await control.post("/pachca/calls", call)
    again = {"message_id": sent["id"], "event": "update", "times": 2}
    assert await control.post("/pachca/redeliver", again) == {"sent": 2}
    await control.post("/pachca/events", {"bot_id": bot, "payload": {"type": "x", "event": "y"}})
    await receiver.next("x")
    assert (await control.post("/pachca/properties", {"name": "Age", "data_type": "number"}))["id"]
    delivered = (await control.get("/pachca/deliveries"))["deliveries"]
    assert {"message.new", "button.click", "view.submit"} <= {each["operation"] for each in delivered}
    status, shown = await control.call("PATCH", "/pachca/settings", {"rate_limits": True})
    assert (status, shown["rate_limits"]) == (200, True)
    status, shown = await control.call("PATCH", "/pachca/settings", {"gravity": 9})
    assert (status, shown["field"]) == (400, "gravity")
    assert await control.post("/pachca/tokens/revoke", {"user_id": alice}) == {"revoked": 1}


@pytest.mark.parametrize(("path", "body"), [("/pachca/clicks", {"user_id": 1, "message_id": 2, "data": "x"})])
async def test_who_is_not_there_is_404(control: Control, path: str, body: Any) -> None:
    assert (await control.call("POST", path, body))[0] == 404


async def test_faults_on_the_api(pachca: Desk) -> None:
    body = {"message": {"entity_id": pachca.general, "content": "once"}}
    pachca.fault("POST /messages", "status", status=503)
    got = await pachca.call("alice", "POST /messages", body)
    assert (got.status, got.headers["Content-Type"]) == (503, "text/html")
    pachca.fault("POST /messages", "rate_limit", wait=7)
    got = await pachca.call("alice", "POST /messages", body)
    assert (got.status, got.body, got.headers["Retry-After"]) == (429, "Retry later\n", "7")
    for kind, count in (("cut_before", 0), ("cut_after_commit", 1)):
        pachca.fault("POST /messages", kind)
        with pytest.raises(aiohttp.ClientError):
            await pachca.call("alice", "POST /messages", body)
        assert len(await pachca.ok("alice", f"GET /messages?chat_id={pachca.general}")) == count


async def test_snapshots_bring_the_workspace_back(pachca: Desk, control: Control) -> None:
    saved = (await control.post("/snapshots"))["id"]
    sent = await pachca.say("alice", pachca.general)
    await control.post(f"/snapshots/{saved}/restore")
    assert (await pachca.refused("alice", f"GET /messages/{sent['id']}"))[0] == 404
    assert (await pachca.say("alice", pachca.general))["id"] == sent["id"]


async def test_two_runs_of_one_seed_leave_the_same_journal() -> None:
    journals: list[str] = []
    for _ in range(2):
        async with Fakes(["pachca"], seed=7) as fakes, aiohttp.ClientSession() as session:
            desk = Desk(fakes, session)
            sent = await desk.say("alice", desk.general, "one")
            await desk.ok("bob", f"POST /messages/{sent['id']}/reactions", {"code": "👍"})
            await desk.ok("bob", f"POST /messages/{sent['id']}/thread")
            await desk.ok("alice", "POST /bots", {"webhook": {"name": "Helper"}})
            journals.append(canonical(fakes.kernel.journal))
    assert journals[0] == journals[1]
    assert '"text":"one"' in journals[0]
