"""From an answer to models.

What it is for: one way to read one document or a list, and one error when the answer makes no sense.
What it must not do: let one odd document of a list hide the others.
"""

import logging
from collections.abc import Mapping
from typing import TypeVar, cast

from pydantic import ValidationError

from tolmach.errors import ApiError, NotFound, RemoteProtocolError
from tolmach.rocketchat.models import Document
from tolmach.transport.pages import Page

__all__ = ["missing", "read", "read_each", "read_page", "text_of"]

log = logging.getLogger("tolmach.rocketchat")

M = TypeVar("M", bound=Document)


def read(model: type[M], value: object, call: str) -> M:
    """Return ``value`` as a model; raises RemoteProtocolError that names fields but no content."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise RemoteProtocolError(f"not a {model.__name__}: {_fields(error)}", call=call) from None


def read_each(model: type[M], values: object, call: str) -> list[M]:
    """Return a list of models; a document that is none is left out and logged."""
    if not isinstance(values, list):
        return []
    found: list[M] = []
    for value in cast("list[object]", values):
        try:
            found.append(model.model_validate(value))
        except ValidationError as error:
            log.warning("%s: left out what is not a %s: %s", call, model.__name__, _fields(error))
    return found


def read_page(model: type[M], body: Mapping[str, object], key: str, call: str) -> Page[M]:
    """Return the items under ``key`` and the total."""
    values = body.get(key)
    items = read_each(model, values, call)
    total = body.get("total")
    count = len(cast("list[object]", values)) if isinstance(values, list) else 0
    return Page(items, total if isinstance(total, int) and not isinstance(total, bool) else None, count)


def text_of(body: Mapping[str, object], key: str, call: str) -> str:
    """Return the text under ``key``."""
    value = body.get(key)
    if not isinstance(value, str) or not value:
        raise RemoteProtocolError(f"no text under {key!r}", call=call)
    return value


def missing(error: ApiError) -> ApiError:
    """Return NotFound for a bare 400: some operations know no other word for it."""
    if error.status == 400 and not error.code and type(error) is ApiError:
        return NotFound(error.args[0], status=400, call=error.call)
    return error


def _fields(error: ValidationError) -> str:
    wrong = (
        f"{'.'.join(map(str, each['loc'])) or 'all of it'} ({each['type']})" for each in error.errors()[:5]
    )
    return ", ".join(wrong)
