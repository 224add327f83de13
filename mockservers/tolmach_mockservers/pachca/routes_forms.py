"""Operations of forms and of OAuth.

What it is for: from a call to a rule and back to a document. What it must not do: hold rules.
Source: https://dev.pachca.com/api/views
"""

from typing import Final, cast

from tolmach_mockservers.pachca import oauth, views
from tolmach_mockservers.pachca.call import Answer, Call, operation
from tolmach_mockservers.pachca.documents_bots import token_info
from tolmach_mockservers.pachca.errors import denied, wrong
from tolmach_mockservers.pachca.wire import Json

__all__: list[str] = []

# forms


@operation(
    "POST /views/open",
    "views:write",
    status=201,
    errors="400 401 402 403 410 422",
    body={
        "type!": "enum modal",
        "trigger_id!": "str",
        "private_metadata": "str<=3000",
        "callback_id": "str<=255",
        "view!": {"title!": "str<=24", "close_text": "str<=24", "submit_text": "str<=24", "blocks!": ["any"]},
    },
)
def open_view(call: Call) -> object:
    """Open a form; the answer is empty."""
    if call.user.bot is None:
        raise denied("not_authorized")
    views.open_view(call.state, call.user, call.body, call.unknown)
    return Answer(201, raw=b"")


@operation(
    "POST /views/{view_id}/submit_response",
    "views:write",
    errors="401 402 403 404 410 422 503",
    body={"submit_id!": "str", "errors": "map"},
)
def submit_response(call: Call) -> object:
    """Answer a form's submission without a URL."""
    if call.user.bot is None:
        raise denied("not_authorized")
    errors = cast("Json", call.body.get("errors", {}))
    if not all(isinstance(each, str) for each in errors.values()):
        raise wrong("errors", "invalid", errors)
    call.state.forms.answer(
        call.user, call.path["view_id"], str(call.body["submit_id"]), cast("dict[str, str]", errors)
    )
    return {"success": True}


# OAuth

_FORM: Final = {
    "grant_type": "str",
    "code": "str",
    "redirect_uri": "str",
    "client_id": "str",
    "client_secret": "str",
    "code_verifier": "str",
    "token": "str",
    "token_type_hint": "str",
}


@operation("GET /oauth/token/info", errors="401")
def get_token_info(call: Call) -> object:
    """Return the token that the call was made with."""
    if call.token is None:
        raise TypeError("this operation has no caller")
    return {"data": token_info(call.token)}


@operation("POST /oauth/token", None, errors="400 401", body=_FORM, kind="form")
def exchange_token(call: Call) -> object:
    """Turn a code into a token; the answer is not wrapped."""
    return oauth.exchange(call.state, call.body, call.headers.get("Authorization", ""))


@operation("POST /oauth/revoke", None, errors="400 401 403", body=_FORM, kind="form")
def revoke_token(call: Call) -> object:
    """Revoke a token; the answer is empty."""
    oauth.revoke(call.state, call.body, call.headers.get("Authorization", ""))
    return Answer(200, raw=b"")
