"""The life of a form's submission: hand-over, the 3 s answer, the answer by the API.

What it is for: both ways in which a bot answers a submission. What it must not do: HTTP of its own.
"""

import asyncio
from dataclasses import dataclass
from typing import Final

from tolmach_mockservers.pachca import model, payloads, views
from tolmach_mockservers.pachca.delivery import Delivery, form_errors
from tolmach_mockservers.pachca.errors import missing, wrong
from tolmach_mockservers.pachca.state import State
from tolmach_mockservers.pachca.wire import Json

__all__ = ["Forms", "Submitted"]

_BY_API: Final = 5.0


@dataclass(frozen=True, slots=True)
class Submitted:
    """Say what the person sees: "closed", "errors" under fields, or "failed"."""

    outcome: str
    submit_id: str
    errors: dict[str, str]
    status: int | None = None


@dataclass(slots=True)
class _Pending:
    view: model.View
    answered: asyncio.Future[dict[str, str] | None]


class Forms:
    """Submit forms, and take the answers that come by the API."""

    def __init__(self, state: State, delivery: Delivery) -> None:
        self._state = state
        self._delivery = delivery
        self._pending: dict[str, _Pending] = {}

    async def submit(self, view: model.View, user_id: int, given: Json) -> Submitted:
        """Submit as a person; return what he sees."""
        state = self._state
        bot = state.tables.users[view.bot_id]
        settings = bot.bot
        assert settings is not None
        submit_id = state.uuid()
        payload = payloads.view(state, view, submit_id, views.values_of(view, given), user_id)
        if settings.outgoing_url:
            state.events.submitted(bot, payload)
            ended = await self._delivery.submit(bot, payload)
            errors = form_errors(ended)
            if ended.status == 200:
                view.open = False
                return Submitted("closed", submit_id, {}, 200)
            outcome = "failed" if errors is None else "errors"
            return Submitted(outcome, submit_id, errors or {}, ended.status)
        if not settings.events_history_enabled:
            return Submitted("failed", submit_id, {})
        answered: asyncio.Future[dict[str, str] | None] = asyncio.get_running_loop().create_future()
        self._pending[submit_id] = _Pending(view, answered)
        state.events.submitted(bot, payload)
        # A timer of the fakes' clock ends the wait: late answers find nothing pending.

        def late() -> None:
            if not answered.done():
                answered.set_result(None)

        limit = state.clock.call_later(_BY_API, late)
        try:
            errors = await answered
        finally:
            self._pending.pop(submit_id, None)
            limit.cancel()
        if errors is None:
            return Submitted("failed", submit_id, {})
        if errors:
            return Submitted("errors", submit_id, errors)
        view.open = False
        return Submitted("closed", submit_id, {})

    def answer(self, caller: model.User, view_id: str, submit_id: str, errors: dict[str, str]) -> None:
        """Take a bot's answer by the API; a late or second one has expired."""
        view = self._state.tables.views.get(view_id)
        if view is None or view.bot_id != caller.id:
            raise missing("view_id", view_id, "view_not_found")
        long = [name for name, text in errors.items() if len(text) > 2000]
        if long:
            raise wrong(f"errors.{long[0]}", "too_long")
        pending = self._pending.pop(submit_id, None)
        if pending is None or pending.view is not view or pending.answered.done():
            raise wrong("submit_id", "submit_expired", submit_id, status=410)
        pending.answered.set_result(errors)
