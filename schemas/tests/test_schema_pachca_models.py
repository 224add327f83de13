"""Pachca's models and schemas say the same, and an error of one field on either side is noticed."""

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

import pytest
from pydantic import Field
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
from schema_pachca_pairs import MODELS, NO_PARTNER, PAIRS
from schema_pachca_pending import expected
from schema_pairs import Pair


def test_models_and_schemas_differ_only_where_it_is_known_and_why() -> None:
    seen, known = found(PAIRS), set(expected())
    assert not (new := sorted(seen - known)), "\n".join(["new differences: one side is wrong", *new])
    assert not (gone := sorted(known - seen)), "\n".join(["no longer true: take it out", *gone])


def test_every_model_has_a_partner_or_a_reason() -> None:
    assert {pair.name for pair in PAIRS} | set(NO_PARTNER) == set(MODELS)


def the(name: str) -> Pair:
    return next(pair for pair in PAIRS if pair.name == name)


SCHEMA_ERRORS: Mapping[str, tuple[str, SchemaError]] = {
    "rename": ("Message", renamed("root_chat_id", "parent_chat_id")),
    "drop": ("Thread", dropped("message_chat_id")),
    "required becomes optional": ("Chat", required_flipped("meet_room_url")),
    "optional becomes required": ("MessageCreate", required_flipped("content")),
    "nullable": ("Reaction", nullable("name")),
    "a value too many": ("UserUpdate", replaced("role", {"enum": ["admin", "user", "multi_guest", "guest"]})),
    "a value too few": ("ReactionWebhookPayload", replaced("event", {"enum": ["new"]})),
    "format": ("Task", replaced("due_at", {"type": ["string", "null"]})),
    "type": ("Draft", replaced("entity_id", {"type": ["string", "null"]})),
    "closedness": ("BotCreateRequest", opened),
    "a limit too wide": ("BotTokenCreateRequest", replaced("name", {"type": "string", "maxLength": 256})),
}


@pytest.mark.parametrize("error", SCHEMA_ERRORS)
def test_an_error_in_one_field_of_a_schema_is_noticed(error: str) -> None:
    name, spoil = SCHEMA_ERRORS[error]
    pair = the(name)
    spoilt = copy.deepcopy(dict(pair.schema))
    spoil(spoilt)
    assert found((replace(pair, schema=spoilt),)) != found((pair,))


MODEL_ERRORS: Mapping[str, tuple[str, ModelError]] = {
    "rename": ("Message", aliased("root_chat_id", "rootChatId")),
    "drop": ("User", left_out("time_zone")),
    "required becomes optional": ("Chat", made("name", str, default="")),
    "optional becomes required": ("MessageWebhookPayload", made("changed_at", str, default=...)),
    "nullable": ("MessageCreate", never_null_forgotten("parent_message_id")),
    "a value too many": (
        "BotWebhook",
        known_value("trigger_on", "commands", "all_messages", "unfurl", "all"),
    ),
    "a value too few": ("File", known_value("file_type", "file", "image", "audio", "video")),
    "format": ("AuditEvent", made("created_at", str)),
    "type": ("Task", made("priority", str)),
    "type of items": ("GroupTag", made("users_count", list[int], default=[])),
    "a limit too narrow": ("BotTokenCreateRequest", made("name", Annotated[str, Field(max_length=25)])),
}


@pytest.mark.parametrize("error", MODEL_ERRORS)
def test_an_error_in_one_field_of_a_model_is_noticed(error: str) -> None:
    name, spoil = MODEL_ERRORS[error]
    pair = the(name)
    assert found((replace(pair, model=rebuilt(pair.model, fields_of(pair.model))),)) == found((pair,))
    fields = fields_of(pair.model)
    spoil(fields)
    assert found((replace(pair, model=rebuilt(pair.model, fields)),)) != found((pair,))
