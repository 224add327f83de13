"""Forms.

What it is for: reached as ``pachca.views``; for bots. What it must not do: build a form;
``tolmach.pachca.forms`` does.

Source: https://dev.pachca.com
"""

from collections.abc import Mapping

from tolmach.errors import NotSent, ServerFailed
from tolmach.pachca.api import Resource
from tolmach.pachca.models.view import (
    OpenViewRequest,
    SubmitViewResponseRequest,
    SubmitViewResponseResult,
    View,
)
from tolmach.pachca.reading import build, read, wire
from tolmach.pachca.unset import UNSET, Unset, given

__all__ = ["Views"]

_WINDOW = 5.0
"""Seconds that a submission waits for its answer."""
_PAUSE = 0.5
_LONGEST_ERROR = 2000


class Views(Resource):
    """Offer what concerns forms."""

    async def open(
        self,
        trigger_id: str,
        view: View | Mapping[str, object],
        *,
        callback_id: str | Unset = UNSET,
        private_metadata: str | Unset = UNSET,
    ) -> None:
        """Open a form for who pressed a button; the trigger lives three seconds and opens one.

        Raises Expired when it is too late.
        """
        request = build(
            OpenViewRequest,
            given(
                trigger_id=trigger_id, view=view, callback_id=callback_id, private_metadata=private_metadata
            ),
        )
        await self._api.call("POST /views/open", json=request.to_wire())

    async def respond(
        self, view_id: str, submit_id: str, errors: Mapping[str, str] | Unset = UNSET
    ) -> SubmitViewResponseResult:
        """Answer a submission that came by history: close the form, or show errors by field.

        Asked within five seconds; while the service is not available it is asked again. Raises Expired
        when it is too late or was answered already.
        """
        if errors is not UNSET and any(len(text) > _LONGEST_ERROR for text in errors.values()):
            raise NotSent(f"errors: a text has at most {_LONGEST_ERROR} characters", field="errors")
        call = "POST /views/{view_id}/submit_response"
        json = wire(SubmitViewResponseRequest, given(submit_id=submit_id, errors=errors))
        ends_at = self._api.clock.now() + _WINDOW
        while True:
            try:
                return read(SubmitViewResponseResult, await self._api.call(call, view_id, json=json), call)
            except ServerFailed as error:
                if error.code != "service_unavailable" or self._api.clock.now() + _PAUSE > ends_at:
                    raise
            await self._api.clock.sleep(_PAUSE)
