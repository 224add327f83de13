"""Between the channel's turns and an agent behind HTTP.

What it is for: putting a turn into a chat-completions request, and the answer back into chunks. What
it must not do: decide what a turn holds, keep a transcript, or deliver anything.
"""

import base64
import json
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from tolmach.agent.answer import Called, Ended, Said
from tolmach.agent.client import AgentClient
from tolmach.agent.models import ChatMessage, ChatRequest, FunctionCall, FunctionSpec, ToolCall, ToolSpec
from tolmach.channel.turn import AgentChunk, End, Line, Text, Tool, ToolUse, Turn, TurnFacts

__all__ = ["HttpAgent", "turn_facts_header"]

log = logging.getLogger("tolmach.gateway.dispatch")


class HttpAgent:
    """Fulfil the channel's ``Agent`` by calling an OpenAI-compatible endpoint."""

    def __init__(
        self,
        client: AgentClient,
        *,
        model: str,
        models: Sequence[str] = (),
        turn_facts: bool = False,
        verbose: bool = False,
    ) -> None:
        self._client = client
        self._model = model
        self._models = tuple(models)
        self._turn_facts = turn_facts
        self._verbose = verbose

    @property
    def default_model(self) -> str:
        """Return the configured model."""
        return self._model

    async def models(self) -> Sequence[str]:
        """Return the configured names."""
        return self._models

    async def answer(self, turn: Turn) -> AsyncGenerator[AgentChunk, None]:
        """Ask for the answer of one turn and yield its pieces."""
        request = request_for(turn, self._model)
        last = turn.lines[-1].text if turn.lines else ""
        body = f" / Body {last!r}" if self._verbose else ""
        log.info("[IN] Session %s%s → %s @ %s", turn.session, body, request.model, self._client.endpoint)
        said, blocks = 0, 0
        async with aclosing(self._client.ask(request, headers=self._headers(turn))) as parts:
            async for part in parts:
                match part:
                    case Said(text=text):
                        said, blocks = said + len(text), blocks + 1
                        yield Text(text)
                    case Called(call=call):
                        yield ToolUse(call.id, call.function.name, call.function.arguments)
                    case Ended(reason=reason, complete=complete):
                        if not complete:
                            log.warning("the answer for %s broke off: %s", turn.session, reason)
                        log.info("[OUT] %d chars, %d blocks", said, blocks)
                        yield End(complete, reason)

    async def aclose(self) -> None:
        """Close the connections to the agent."""
        await self._client.aclose()

    def _headers(self, turn: Turn) -> dict[str, str]:
        headers: dict[str, str] = {}
        # Ids of any alphabet may stand in a target; a header takes printable ASCII only.
        if turn.target and turn.target.isascii() and turn.target.isprintable():
            headers["X-OCG-Target"] = turn.target
        if self._turn_facts:
            headers["X-Turn-Facts"] = turn_facts_header(turn.facts)
        return headers


def turn_facts_header(facts: TurnFacts) -> str:
    """Return the facts as base64url of JSON, without padding."""
    document = json.dumps(facts.document(), ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(document.encode()).decode().rstrip("=")


def request_for(turn: Turn, default_model: str) -> ChatRequest:
    """Return the standard request for a turn; it holds no field of our own."""
    return ChatRequest(
        model=turn.model or default_model,
        messages=[message_of(line) for line in turn.lines],
        stream=True,
        user=turn.session,
        tools=[tool_spec(tool) for tool in turn.tools] or None,
    )


def message_of(line: Line) -> ChatMessage:
    """Return one line of a transcript as a message."""
    calls = [
        ToolCall(id=use.id, function=FunctionCall(name=use.name, arguments=use.arguments))
        for use in line.tool_uses
    ]
    return ChatMessage(
        role=line.role,
        content=line.text,
        tool_calls=calls or None,
        tool_call_id=line.tool_use_id or None,
    )


def tool_spec(tool: Tool) -> ToolSpec:
    """Return an offered tool in the agent's form."""
    return ToolSpec(
        function=FunctionSpec(name=tool.name, description=tool.description, parameters=tool.parameters)
    )
