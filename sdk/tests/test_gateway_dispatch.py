import base64
import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from tolmach.agent.client import AgentClient
from tolmach.channel.turn import End, Line, Text, Tool, ToolUse, Turn, TurnFacts
from tolmach.clock import SystemClock
from tolmach.errors import RemoteProtocolError
from tolmach.gateway.dispatch import HttpAgent, turn_facts_header

FACTS = TurnFacts(
    session="agent:main:rocketchat:channel:r1",
    sender="u1",
    chat_type="channel",
    mentioned=True,
    mention_source="explicit",
    message_id="m1",
    room_id="r1",
    thread_id=None,
    system_lines=("«Ж» joined",),
)
REACT = ToolUse("c1", "message", '{"action":"react"}')
TURN = Turn(
    session=FACTS.session,
    lines=(
        Line("user", "first"),
        Line("assistant", "", tool_uses=(REACT,)),
        Line("tool", "done", tool_use_id="c1"),
        Line("user", "second"),
    ),
    facts=FACTS,
    target="channel:r1",
    tools=(Tool("message", "Act", {"type": "object"}),),
)


class Agent:
    def __init__(self) -> None:
        self.answer: object = {"choices": [{"message": {"content": "Hello"}}]}
        self.headers: dict[str, str] = {}
        self.body: dict[str, object] = {}
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        self.headers = {name.lower(): value for name, value in request.headers.items()}
        self.body = await request.json()
        return web.json_response(self.answer)


@pytest.fixture
async def agent() -> AsyncIterator[Agent]:
    agent = Agent()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", agent.handle)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    agent.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    yield agent
    await runner.cleanup()


def ask(agent: Agent, *, facts: bool = False) -> HttpAgent:
    client = AgentClient(agent.url, api_key="k", clock=SystemClock())
    return HttpAgent(client, model="default-model", models=["a", "b"], turn_facts=facts)


async def test_a_turn_becomes_a_standard_request(agent: Agent):
    http = ask(agent)
    chunks = [chunk async for chunk in http.answer(TURN)]
    await http.aclose()
    assert chunks == [Text("Hello"), End()]
    assert agent.body == {
        "model": "default-model",
        "messages": [
            {"role": "user", "content": "first"},
            {
                "role": "assistant",
                "content": "",
                "tool_calls": [
                    {
                        "id": "c1",
                        "type": "function",
                        "function": {"name": "message", "arguments": '{"action":"react"}'},
                    }
                ],
            },
            {"role": "tool", "content": "done", "tool_call_id": "c1"},
            {"role": "user", "content": "second"},
        ],
        "stream": True,
        "user": "agent:main:rocketchat:channel:r1",
        "tools": [
            {
                "type": "function",
                "function": {"name": "message", "description": "Act", "parameters": {"type": "object"}},
            }
        ],
    }
    assert agent.headers["x-ocg-target"] == "channel:r1"
    assert agent.headers["authorization"] == "Bearer k"
    assert "x-turn-facts" not in agent.headers


async def test_turn_facts_travel_in_a_header_when_wanted(agent: Agent):
    http = ask(agent, facts=True)
    assert [chunk async for chunk in http.answer(TURN)]
    await http.aclose()
    header = agent.headers["x-turn-facts"]
    document = json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))
    assert document == {
        "session": "agent:main:rocketchat:channel:r1",
        "sender": "u1",
        "chat_type": "channel",
        "mentioned": True,
        "mention_source": "explicit",
        "message_id": "m1",
        "room_id": "r1",
        "thread_id": None,
        "system_lines": ["«Ж» joined"],
    }
    assert turn_facts_header(FACTS) == header


async def test_tool_calls_come_back_as_tool_uses(agent: Agent):
    call = {"id": "c9", "type": "function", "function": {"name": "message", "arguments": "{}"}}
    agent.answer = {
        "choices": [{"message": {"content": None, "tool_calls": [call]}, "finish_reason": "tool_calls"}]
    }
    http = ask(agent)
    assert [chunk async for chunk in http.answer(TURN)] == [
        ToolUse("c9", "message", "{}"),
        End(reason="tool_calls"),
    ]
    await http.aclose()


async def test_nonsense_is_an_error_before_any_text(agent: Agent):
    agent.answer = {"surprise": 1}
    http = ask(agent)
    with pytest.raises(RemoteProtocolError, match="no chat completion"):
        assert [chunk async for chunk in http.answer(TURN)]
    await http.aclose()


async def test_the_models_are_the_configured_ones(agent: Agent):
    http = ask(agent)
    assert (http.default_model, list(await http.models())) == ("default-model", ["a", "b"])
    await http.aclose()


async def test_a_target_that_no_header_can_carry_is_left_out(agent: Agent):
    http = ask(agent)
    odd = Turn(TURN.session, TURN.lines, FACTS, target="channel:Ж\r\nX-Evil: 1", model="chosen")
    assert [chunk async for chunk in http.answer(odd)]
    await http.aclose()
    assert "x-ocg-target" not in agent.headers
    assert "x-evil" not in agent.headers
    assert agent.body["model"] == "chosen"
