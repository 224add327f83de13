"""A Pachca account in the configuration: what is needed, what is inherited, what the environment gives."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tolmach.errors import ConfigError
from tolmach.gateway.accounts import AccountPlan, to_secret
from tolmach.gateway.config import GatewayPlan, make_plan
from tolmach.gateway.document import Document, parse_json
from tolmach.gateway.findings import PATTERNS
from tolmach.gateway.settings import CHANNELS, GatewaySettings, PachcaAccount

WHOLE: Mapping[str, object] = {"token": "bot-token", "webhookSecret": "signing-secret"}


def plan_of(block: object, environment: Mapping[str, str] | None = None) -> GatewayPlan:
    text = json.dumps({"channels": {"pachca": block}})
    value, lines = parse_json("bot.json", text)
    assert isinstance(value, dict)
    return make_plan(Document("bot.json", value, lines), environment or {}, file=Path("/nowhere/bot.json"))


def account(plan: GatewayPlan, account_id: str = "default") -> tuple[AccountPlan, PachcaAccount]:
    found = next(one for one in plan.accounts if one.account_id == account_id)
    assert isinstance(found.settings, PachcaAccount), found.errors
    return found, found.settings


def test_token_and_secret_are_enough() -> None:
    found, settings = account(plan_of(WHOLE))
    assert found.can_run
    assert (found.label, found.credential_source) == ("pachca:default", "config")
    assert settings.api_base == "https://api.pachca.com/api/shared/v1"
    assert (settings.webhook_host, settings.webhook_path) == ("127.0.0.1", "/pachca/webhook")
    assert not settings.polling


@pytest.mark.parametrize(
    "written",
    [
        "https://chat.example.com",
        "https://chat.example.com/",
        "https://chat.example.com/api/v1",
        "https://chat.example.com/api/shared/v1/",
    ],
)
def test_an_address_is_put_right(written: str) -> None:
    _, settings = account(plan_of({**WHOLE, "apiBase": written}))
    assert settings.api_base == "https://chat.example.com/api/shared/v1"


def test_plain_http_needs_a_word() -> None:
    (error,) = plan_of({**WHOLE, "apiBase": "http://127.0.0.1:1"}).errors
    assert error.path == "channels.pachca.apiBase"
    assert "https" in error.remedy
    allowed = {**WHOLE, "apiBase": "http://127.0.0.1:1", "dangerouslyAllowInsecure": True}
    assert plan_of(allowed).errors == ()


@pytest.mark.parametrize("missing", ["token", "webhookSecret"])
def test_what_is_missing_is_named_without_a_value(missing: str) -> None:
    block = {key: value for key, value in WHOLE.items() if key != missing}
    (error,) = plan_of(block).errors
    assert error.path == f"channels.pachca.{missing}"
    assert "default" in error.problem
    assert not any(str(value) in str(error) for value in WHOLE.values())


def test_polling_needs_no_secret() -> None:
    found, settings = account(plan_of({"token": "bot-token", "polling": True}))
    assert found.can_run
    assert settings.polling


def test_the_environment_is_for_the_default_account_only() -> None:
    environment = {
        "PACHCA_TOKEN": "from-env",
        "PACHCA_WEBHOOK_SECRET": "secret-from-env",
        "PACHCA_API_BASE": "https://chat.example.com/api/shared/v1",
    }
    plan = plan_of({"accounts": {"default": {}, "second": {}}}, environment)
    found, settings = account(plan)
    assert (found.credential_source, to_secret(settings.token)) == ("env", "from-env")
    assert settings.api_base.startswith("https://chat.example.com")
    second = next(one for one in plan.accounts if one.account_id == "second")
    assert not second.can_run
    assert {error.path for error in second.errors} == {
        "channels.pachca.accounts.second.token",
        "channels.pachca.accounts.second.webhookSecret",
    }


def test_the_environment_alone_starts_nothing() -> None:
    text = json.dumps({"channels": {}})
    value, lines = parse_json("bot.json", text)
    assert isinstance(value, dict)
    plan = make_plan(Document("bot.json", value, lines), {"PACHCA_TOKEN": "from-env"}, file=Path("/x/b.json"))
    assert plan.accounts == ()


def test_a_named_account_inherits_everything_but_its_route_and_credentials() -> None:
    block = {
        **WHOLE,
        "webhookPort": 4000,
        "webhookPath": "/first",
        "dmPolicy": "owner_only",
        "ownerId": "17",
        "accounts": {"second": {"token": "other-token", "webhookSecret": "other-secret"}},
    }
    plan = plan_of(block)
    _, first = account(plan)
    _, second = account(plan, "second")
    assert (first.webhook_path, second.webhook_path) == ("/first", "/pachca/webhook/second")
    assert (second.webhook_port, second.dm_policy) == (4000, "owner_only")
    assert to_secret(second.token) == "other-token"


@pytest.mark.parametrize(
    ("key", "value"),
    [("webhookPort", 70000), ("webhookPath", "no-slash"), ("noSuchKey", 1), ("dmPolicy", "everyone")],
)
def test_a_wrong_setting_is_named(key: str, value: object) -> None:
    (error,) = plan_of({**WHOLE, key: value}).errors
    assert error.path == f"channels.pachca.{key}"


def test_other_names_of_settings_are_known() -> None:
    _, settings = account(plan_of({"accessToken": "a", "signingSecret": "b"}))
    assert (to_secret(settings.token), to_secret(settings.webhook_secret)) == ("a", "b")


def test_no_secret_shows_in_a_plan() -> None:
    found, settings = account(plan_of(WHOLE))
    assert not any(str(value) in f"{found!r} {settings!r}" for value in WHOLE.values())


def test_a_wrong_address_of_the_environment_is_said_to_come_from_there() -> None:
    (error,) = plan_of(WHOLE, {"PACHCA_API_BASE": "http://pachca.example.com"}).errors
    assert "(it comes from PACHCA_API_BASE)" in error.problem
    (own,) = plan_of({**WHOLE, "apiBase": "http://pachca.example.com"}).errors
    assert "comes from" not in own.problem


def test_a_path_that_is_none_is_explained_in_words() -> None:
    (error,) = plan_of({**WHOLE, "webhookPath": "nope"}).errors
    assert error.problem == '"nope" must begin with / and hold no blank, no ? and no #'


def test_every_pattern_of_the_settings_has_words() -> None:
    for model in (GatewaySettings, *(one.settings for one in CHANNELS.values())):
        for field in model.model_fields.values():
            for each in field.metadata:
                assert getattr(each, "pattern", None) in {None, *PATTERNS}


@pytest.mark.parametrize("url", ["nope", "localhost:11434/v1", "http://", "http://127.0.0.1:many/v1"])
def test_an_agent_that_has_no_address_is_told_before_the_first_turn(url: str) -> None:
    (error,) = plan_of({**WHOLE, "agentUrl": url}).errors
    assert error.path == "channels.pachca.agentUrl"
    assert "is no http address" in error.problem


def test_a_misspelt_channel_alone_starts_nothing() -> None:
    value, lines = parse_json("bot.json", '{"channels": {"pachka": {}}}')
    assert isinstance(value, dict)
    with pytest.raises(ConfigError) as caught:
        make_plan(Document("bot.json", value, lines), {}, file=Path("/nowhere/bot.json"))
    assert (caught.value.path, caught.value.remedy) == ("channels.pachka", "Did you mean  pachca ?")
