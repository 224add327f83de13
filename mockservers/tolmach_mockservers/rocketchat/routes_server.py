"""info, settings.public, method.call: the server itself.

What it is for: version, settings and the REST door to DDP methods. What it must not do: rules.
Source: https://developer.rocket.chat/apidocs/miscellaneous-endpoints
"""

import json
from typing import Final, cast

from tolmach_mockservers.rocketchat import ddp_methods
from tolmach_mockservers.rocketchat.call import Call, Page, get, page_fields, post
from tolmach_mockservers.rocketchat.errors import MeteorError, PlainError
from tolmach_mockservers.rocketchat.settings import PUBLIC
from tolmach_mockservers.rocketchat.shape import Fields
from tolmach_mockservers.rocketchat.wire import Json, ddp_error, ejson, unwrap

__all__ = ["INFO"]

INFO: Final[Json] = {
    "version": "8.2",
    "minimumClientVersions": {"desktop": "4.0.0", "mobile": "4.40.0"},
}
"""The version is cut to major.minor, because nobody is logged in on this route."""


@get("info", auth=False)
def info(_call: Call) -> Json:
    """Return what anybody may know of the server."""
    return dict(INFO)


@get("settings.public", Fields(page_fields(_id="string")), auth=False)
def public_settings(call: Call) -> Json:
    """Return the public settings, all or those named in ``_id``."""
    wanted = call.string("_id")
    names = PUBLIC if wanted is None else tuple(each for each in wanted.split(",") if each in PUBLIC)
    values = call.state.settings.values
    shown: list[Json] = [{"_id": name, "value": values[name], "enterprise": False} for name in names]
    return Page.of(call).of_documents("settings", shown)


def method_call(call: Call) -> Json:
    """Run a DDP method; its refusal stands inside the message, with HTTP 200."""
    try:
        frame = json.loads(call.need("message"))
    except ValueError:
        raise PlainError("Invalid JSON") from None
    if not isinstance(frame, dict) or not isinstance(frame.get("method"), str):
        raise MeteorError("error-invalid-params", "Invalid message")
    asked = cast("Json", frame)
    params = asked.get("params")
    answer: Json = {"msg": "result", "id": asked.get("id")}
    try:
        value = ddp_methods.call(
            call.state,
            call.person,
            str(asked["method"]),
            [unwrap(each) for each in params] if isinstance(params, list) else [],
        )
        if value is not ddp_methods.NOTHING:
            answer["result"] = value
    except (MeteorError, PlainError) as error:
        answer["error"] = ddp_error(error)
    return {"message": ejson(answer)}


post("method.call", Fields({"message": "string"}, required="message"), limited=False)(method_call)
