"""Models and schemas say the same, and an error of one field on either side is noticed."""

import copy
from collections.abc import Mapping
from dataclasses import replace

import pytest
from schema_errors import (
    ModelError,
    SchemaError,
    aliased,
    dropped,
    fields_of,
    found,
    known_value,
    left_out,
    made,
    never_null_forgotten,
    nullable,
    opened,
    rebuilt,
    renamed,
    replaced,
    required_flipped,
)
from schema_pairs import NO_PARTNER, PAIRS, Pair, all_models
from schema_pending import expected


def test_models_and_schemas_differ_only_where_it_is_known_and_why() -> None:
    seen, known = found(PAIRS), set(expected())
    assert not (new := sorted(seen - known)), "\n".join(["new differences: one side is wrong", *new])
    assert not (gone := sorted(known - seen)), "\n".join(["no longer true: take out of pending.py", *gone])


def test_every_model_has_a_partner_or_a_reason() -> None:
    paired = {pair.model.__name__ for pair in PAIRS}
    assert {model.__name__ for model in all_models()} == paired | set(NO_PARTNER)


def the(name: str) -> Pair:
    return next(pair for pair in PAIRS if pair.name == name)


SCHEMA_ERRORS: Mapping[str, tuple[str, SchemaError]] = {
    "rename": ("Message", renamed("tmid", "threadId")),
    "drop": ("Room", dropped("usernames")),
    "required becomes optional": ("Message", required_flipped("_updatedAt")),
    "optional becomes required": ("Subscription", required_flipped("roles")),
    "nullable": ("User", nullable("name")),
    "a value too many": (
        "Mention",
        replaced("type", {"enum": ["user", "team", "role"]}),
    ),
    "a value too few": ("Attachment", replaced("type", {"enum": ["file"]})),
    "format": ("Message", replaced("tlm", {"type": "string"})),
    "type": ("Room", replaced("usersCount", {"type": "string"})),
    "closedness": ("ChatRequest", opened),
}


@pytest.mark.parametrize("error", SCHEMA_ERRORS)
def test_an_error_in_one_field_of_a_schema_is_noticed(error: str) -> None:
    name, spoil = SCHEMA_ERRORS[error]
    pair = the(name)
    spoilt = copy.deepcopy(dict(pair.schema))
    spoil(spoilt)
    assert found((replace(pair, schema=spoilt),)) != found((pair,))


MODEL_ERRORS: Mapping[str, tuple[str, ModelError]] = {
    "rename": ("Message", aliased("room_id", "roomId")),
    "drop": ("Subscription", left_out("thread_unread")),
    "required becomes optional": ("Message", made("text", str, default="")),
    "optional becomes required": ("Room", made("topic", str, default=...)),
    "nullable": ("Message", never_null_forgotten("edited_at")),
    "a value too many": ("Mention", known_value("type", "user", "team", "group")),
    "a value too few": ("Room", known_value("kind", "c", "p", "d")),
    "format": ("Message", made("ts", str)),
    "type": ("Message", made("thread_count", str)),
    "type of items": ("Room", made("muted", list[int], default=[])),
}


@pytest.mark.parametrize("error", MODEL_ERRORS)
def test_an_error_in_one_field_of_a_model_is_noticed(error: str) -> None:
    name, spoil = MODEL_ERRORS[error]
    pair = the(name)
    assert found((replace(pair, model=rebuilt(pair.model, fields_of(pair.model))),)) == found((pair,))
    fields = fields_of(pair.model)
    spoil(fields)
    assert found((replace(pair, model=rebuilt(pair.model, fields)),)) != found((pair,))
