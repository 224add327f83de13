"""From answers to models, and from arguments to what is sent.

What it is for: one way to read a document, one to check a request before it leaves. What it must not
do: let one odd document of a list hide the others, or quote a refused value.
"""

import logging
from collections.abc import Mapping
from typing import TypeVar, cast

from pydantic import BaseModel, ValidationError

from tolmach.errors import NotSent, RemoteProtocolError
from tolmach.pachca.models.document import Document, Sent

__all__ = ["build", "read", "read_data", "read_each", "wire"]

log = logging.getLogger("tolmach.pachca")

D = TypeVar("D", bound=Document)
S = TypeVar("S", bound=Sent)


def read(model: type[D], value: object, call: str) -> D:
    """Return ``value`` as a model; raises RemoteProtocolError that names fields but no content."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise RemoteProtocolError(f"not a {model.__name__}: {_fields(error)}", call=call) from None


def read_data(model: type[D], body: Mapping[str, object], call: str) -> D:
    """Return the document under ``data``."""
    return read(model, body.get("data"), call)


def read_each(model: type[D], values: list[object], call: str) -> list[D]:
    """Return a list of models; a document that is none is left out and logged."""
    found: list[D] = []
    seen: dict[object, object] = {}
    for value in values:
        try:
            found.append(model.model_validate(_once(value, seen)))
        except ValidationError as error:
            log.warning("%s: left out what is not a %s: %s", call, model.__name__, _fields(error))
    return found


def _once(value: object, seen: dict[object, object]) -> object:
    """Return ``value`` with its ids and texts taken from ``seen`` where they stand there already."""
    if not isinstance(value, dict):
        return value
    # A decoder makes every number and word anew; a list names the same chat and people over and over.
    record = cast("dict[str, object]", value)
    return {
        name: seen.setdefault(each, each) if type(each) is int or type(each) is str else each
        for name, each in record.items()
    }


def build(model: type[S], fields: Mapping[str, object]) -> S:
    """Return what is to be sent, checked; raises NotSent that names the field and the rule."""
    try:
        return model.model_validate({name: _plain(value) for name, value in fields.items()})
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        field = ".".join(map(str, first["loc"]))
        # Rules of ours come with a prefix that says nothing.
        rule = first["msg"].removeprefix("Value error, ")
        raise NotSent(f"{field or model.__name__}: {rule}", field=field) from None


def wire(model: type[S], fields: Mapping[str, object]) -> dict[str, object]:
    """Return the JSON object to send, checked; raises NotSent."""
    return build(model, fields).to_wire()


def _plain(value: object) -> object:
    """Return what was made as another model as its fields, so that one model fits where its like is asked."""
    if isinstance(value, Sent):
        return value.to_wire()
    if isinstance(value, BaseModel):
        return value.model_dump(exclude_unset=True)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in cast("list[object]", value)]
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in cast("dict[str, object]", value).items()}
    return value


def _fields(error: ValidationError) -> str:
    wrong = (
        f"{'.'.join(map(str, each['loc'])) or 'all of it'} ({each['type']})" for each in error.errors()[:5]
    )
    return ", ".join(wrong)
