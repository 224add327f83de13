"""Defects in what is repeated, what is given up, and what a failure says."""

import asyncio
from typing import Any

from mutants.mutant import Function, Mutant, always, mutant


def _impatient(original: Function) -> Function:
    def decide(attempt: int, outcome: Any, safety: Any, **more: Any) -> Any:
        return original(attempt, outcome, safety, **{**more, "retry_after": None})

    return decide


def _posted_again(_original: Function) -> Function:
    async def send(self: Any, room_id: str, text: str, *, thread: Any = None, **_more: Any) -> Any:
        from tolmach.errors import OutcomeUnknown

        try:
            return await self.post(room_id, text, thread=thread)
        except OutcomeUnknown:
            return await self.post(room_id, text, thread=thread)

    return send


def _tries_on(original: Function) -> Function:
    def decide(attempt: int, outcome: Any, safety: Any, **more: Any) -> Any:
        from tolmach.transport.retry import Outcome, Safety, Wait

        if outcome is Outcome.REFUSED and safety is Safety.KEYED and attempt < 3:
            return Wait(0.1)
        return original(attempt, outcome, safety, **more)

    return decide


def _says_everything(original: Function) -> Function:
    async def answer(self: Any, turn: Any) -> Any:
        from tolmach.channel.turn import End, Text
        from tolmach.errors import TolmachError

        try:
            async for chunk in original(self, turn):
                yield chunk
        except TolmachError as error:
            yield Text(str(error))
            yield End()

    return answer


def _never_probes(_original: Function) -> Function:
    async def _probe(self: Any) -> None:
        await asyncio.Event().wait()

    return _probe


MUTANTS: tuple[Mutant, ...] = (
    mutant(
        "impatient",
        "the time that a refusal names is not waited",
        ("tolmach.transport.retry:decide", _impatient),
        ("tolmach.transport.ratelimit:Limiter.wait", always(0.0)),
        rows=[260],
    ),
    mutant(
        "posted-again",
        "a post of unknown fate is made again",
        ("tolmach.rocketchat.rest.chat:Chat.send", _posted_again),
        rows=[261],
    ),
    mutant(
        "refused-again",
        "a post that was refused for good is made again",
        ("tolmach.transport.retry:decide", _tries_on),
        rows=[263],
    ),
    mutant(
        "dead-lives-on",
        "a refused credential stops nothing",
        ("tolmach.channel.runner:ChannelRunner._die", always(None)),
        ("tolmach.rocketchat.realtime:Realtime._refused", always(None)),
        rows=[264],
    ),
    mutant(
        "never-probes",
        "nobody asks whether the credential lives",
        ("tolmach.rocketchat.realtime:Realtime._probe", _never_probes),
        rows=[265],
    ),
    mutant(
        "says-everything",
        "what went wrong at the agent is posted",
        ("tolmach.gateway.dispatch:HttpAgent.answer", _says_everything),
        rows=[279],
    ),
)
