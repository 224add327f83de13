import json
from pathlib import Path

import pytest
from pydantic import SecretStr

from tolmach.errors import ConfigError
from tolmach.gateway.accounts import AccountPlan
from tolmach.gateway.config import GatewayPlan, load_plan, make_plan
from tolmach.gateway.document import Document
from tolmach.gateway.findings import BrokenConfigError

WHOLE: dict[str, object] = {"serverUrl": "https://chat.example.com", "userId": "u1", "pat": "sentinel-token"}


def plan_of(block: object, environment: dict[str, str] | None = None, **top: object) -> GatewayPlan:
    return make_plan(Document("bot", {"channels": {"rocketchat": block}, **top}), environment or {})


def account(plan: GatewayPlan, account_id: str = "default") -> AccountPlan:
    return next(one for one in plan.accounts if one.account_id == account_id)


def findings(block: object, environment: dict[str, str] | None = None) -> list[str]:
    return [str(error) for error in plan_of(block, environment).errors]


def test_a_whole_block_is_the_default_account():
    only = account(plan_of(WHOLE))
    assert only.can_run
    assert only.label == "rocketchat:default"
    assert only.credential_source == "config"
    assert only.settings is not None
    assert only.settings.dm_policy == "pairing"
    assert only.settings.pat == SecretStr("sentinel-token")


@pytest.mark.parametrize(
    "block",
    [
        {"baseUrl": "https://chat.example.com", "userId": "u1", "authToken": "sentinel-token"},
        {"server_url": "https://chat.example.com", "user_id": "u1", "token": "sentinel-token"},
        {"url": "https://chat.example.com/api/v1/", "username": "bot", "password": "sentinel-token"},
    ],
)
def test_the_names_of_other_plug_ins_are_understood(block: dict[str, object]):
    only = account(plan_of(block))
    assert only.can_run
    assert only.settings is not None
    assert only.settings.server_url == "https://chat.example.com"


def test_a_named_account_inherits_field_by_field_but_never_a_credential():
    block = {
        **WHOLE,
        "allowFrom": ["a"],
        "textChunkLimit": 500,
        "accounts": {
            "default": {"allow_from": ["d"]},
            "second": {"userId": "u2", "pat": "t2", "textChunkLimit": 900},
            "third": {},
        },
    }
    plan = plan_of(block)
    assert [one.account_id for one in plan.accounts] == ["default", "second", "third"]
    default, second, third = (account(plan, name) for name in ("default", "second", "third"))
    assert default.settings is not None
    assert second.settings is not None
    assert default.settings.allow_from == ("d",)
    assert (second.settings.allow_from, second.settings.text_chunk_limit) == (("a",), 900)
    assert second.settings.server_url == "https://chat.example.com"
    assert not third.can_run
    (problem,) = third.errors
    assert problem.path == "channels.rocketchat.accounts.third.pat"
    assert '"third"' in str(problem)


def test_accounts_alone_make_no_default_account():
    plan = plan_of({"serverUrl": "https://a", "accounts": {"one": {"userId": "u", "pat": "p"}}})
    assert [one.label for one in plan.accounts] == ["rocketchat:one"]
    assert account(plan, "one").can_run


ENVIRONMENT = {
    "ROCKETCHAT_URL": "https://env.example.com",
    "ROCKETCHAT_USER_ID": "env-user",
    "ROCKETCHAT_AUTH_TOKEN": "env-token",
}


def test_the_environment_fills_only_the_gaps_of_the_default_account():
    plan = plan_of({"accounts": {"default": {}, "named": {}}}, ENVIRONMENT)
    default = account(plan)
    assert default.can_run
    assert default.credential_source == "env"
    assert not account(plan, "named").can_run
    own = account(plan_of(WHOLE, ENVIRONMENT)).settings
    assert own is not None
    assert (own.server_url, own.user_id) == ("https://chat.example.com", "u1")


def test_a_password_in_the_file_is_not_joined_by_a_token_of_the_environment():
    block = {"serverUrl": "https://a", "username": "bot", "password": "pass"}
    settings = account(plan_of(block, ENVIRONMENT)).settings
    assert settings is not None
    assert (settings.pat, settings.user_id) == (None, None)


def test_the_environment_alone_starts_nothing():
    with pytest.raises(ConfigError, match="no channel is configured"):
        make_plan(Document("bot", {}), ENVIRONMENT)


def test_a_dotenv_file_is_the_last_source(tmp_path: Path):
    (tmp_path / ".env").write_text(
        "# secrets\nexport ROCKETCHAT_USER_ID='dot-user'\nROCKETCHAT_AUTH_TOKEN=\"dot token\"\nnonsense\n"
        "ROCKETCHAT_URL=https://dot.example.com\n"
    )
    file = tmp_path / "bot.yaml"
    file.write_text("channels: {rocketchat: {}}")
    settings = account(load_plan(file, {"ROCKETCHAT_URL": "https://env.example.com"})).settings
    assert settings is not None
    assert (settings.server_url, settings.user_id, settings.pat) == (
        "https://env.example.com",
        "dot-user",
        SecretStr("dot token"),
    )


def test_what_is_switched_off_is_configured_but_does_not_run():
    plan = plan_of({**WHOLE, "enabled": False, "accounts": {"second": {"userId": "u", "pat": "p"}}})
    assert [one.can_run for one in plan.accounts] == [False, False]
    plan = plan_of({**WHOLE, "accounts": {"second": {"enabled": False}}})
    assert [one.can_run for one in plan.accounts] == [True, False]
    assert plan.errors == ()


def test_plain_http_needs_the_dangerous_flag():
    (problem,) = findings({**WHOLE, "serverUrl": "http://chat.example.com"})
    assert "channels.rocketchat.serverUrl" in problem
    assert "https" in problem
    assert findings({**WHOLE, "serverUrl": "http://127.0.0.1:1", "dangerouslyAllowInsecure": True}) == []


@pytest.mark.parametrize(
    ("setting", "value", "parts"),
    [
        ("dmPolicy", "everyone", ("dmPolicy", "pairing, allowlist, open, disabled", 'allowFrom: ["*"]')),
        ("dmPolicy", "pairng", ("Did you mean  pairing ?",)),
        ("dmPolicy", "open", ("channels.rocketchat.dmPolicy", "allowFrom")),
        ("dmPolcy", "open", ("channels.rocketchat.dmPolcy: is no setting", "Did you mean  dmPolicy ?")),
        ("require_mentions", True, ("Did you mean  requireMention ?",)),
        ("textChunkLimit", -1, ("textChunkLimit: -1", "at least")),
        ("textChunkLimit", "many", ("textChunkLimit: must be a whole number",)),
        ("allowFrom", "me", ("allowFrom: must be a list",)),
        (
            "groups",
            {"r1": {"requireMentio": True}},
            ("groups.r1.requireMentio", "Did you mean  requireMention ?"),
        ),
        ("groups", {"r1": 7}, ("channels.rocketchat.groups.r1", "by name")),
        ("enabled", "perhaps", ("enabled: must be true or false",)),
        ("serverUrl", "chat.example.com", ("serverUrl", "https://")),
        ("accounts", [], ("channels.rocketchat.accounts", "by name")),
        ("accounts", {"a": 3}, ("channels.rocketchat.accounts.a", "by name")),
    ],
)
def test_a_wrong_setting_is_one_sentence_with_path_and_remedy(
    setting: str, value: object, parts: tuple[str, ...]
):
    problems = findings({**WHOLE, setting: value})
    assert len(problems) == 1
    for part in parts:
        assert part in problems[0]
    assert "sentinel" not in problems[0]


def test_a_missing_credential_names_field_and_account_and_no_value():
    (problem,) = findings({"serverUrl": "https://a", "pat": "sentinel-token"})
    assert "channels.rocketchat.userId" in problem
    assert '"default"' in problem
    assert "ROCKETCHAT_AUTH_TOKEN" in problem
    assert "sentinel" not in problem


def test_a_secret_of_a_wrong_type_is_not_shown():
    for problem in findings({**WHOLE, "pat": 1234567, "password": ["sentinel"], "apiKey": {"sentinel": 1}}):
        assert "1234567" not in problem
        assert "sentinel" not in problem


def test_all_findings_come_at_once_with_their_lines(tmp_path: Path):
    file = tmp_path / "bot.yaml"
    file.write_text(
        "channels:\n  rocketchat:\n    serverUrl: http://a\n    dmPolicy: everyone\n    nope: 1\n"
        "    accounts:\n      second: {userId: u, pat: p, textChunkLimit: -1}\n      third: {}\n"
    )
    plan = load_plan(file, {})
    places = [(error.where, error.path) for error in plan.errors]
    assert places == [
        ("bot.yaml:3", "channels.rocketchat.serverUrl"),
        ("bot.yaml:4", "channels.rocketchat.dmPolicy"),
        ("bot.yaml:5", "channels.rocketchat.nope"),
        ("bot.yaml:7", "channels.rocketchat.accounts.second.textChunkLimit"),
        ("bot.yaml:8", "channels.rocketchat.accounts.third.pat"),
    ]


def test_a_broken_account_leaves_the_others_alone():
    block = {**WHOLE, "accounts": {"broken": {"userId": "u", "pat": "p", "dmPolicy": "everyone"}}}
    plan = plan_of(block)
    assert account(plan).can_run
    assert not account(plan, "broken").can_run


def test_an_unknown_channel_is_one_warning():
    plan = make_plan(Document("ocg.json", {"channels": {"feishu": {"x": 1}, "rocketchat": WHOLE}}), {})
    assert account(plan).can_run
    (warning,) = plan.warnings
    assert "channels.feishu" in warning


def test_a_wrong_setting_above_the_channels_stops_everything():
    with pytest.raises(BrokenConfigError) as caught:
        plan_of(WHOLE, agentUrll="x", turnFacts="maybe")
    assert [error.path for error in caught.value.errors] == ["turnFacts", "agentUrll"]
    assert "Did you mean  agentUrl ?" in str(caught.value)


def test_a_file_of_the_other_gateway_is_read_unchanged(tmp_path: Path):
    file = tmp_path / "ocg.json"
    ocg = {
        "agentUrl": "http://127.0.0.1:9/v1/chat/completions",
        "model": "main",
        "apiKey": "k",
        "verbose": False,
        "async": False,
        "callbackPort": 3457,
        "channels": {"rocketchat": {"accounts": {"default": {"enabled": True, **WHOLE}}}},
    }
    file.write_text(json.dumps(ocg))
    plan = load_plan(file, {})
    assert account(plan).can_run
    assert (account(plan).agent.model, account(plan).agent.source) == ("main", "file")


def test_the_agent_is_chosen_in_the_documented_order():
    environment = {
        "OCG_AGENT_URL": "http://ocg",
        "TOLMACH_AGENT_URL": "http://tolmach",
        "OCG_MODEL": "env-model",
    }
    block = {**WHOLE, "agentUrl": "http://account", "model": "own"}
    chosen = account(plan_of(block, environment, agentUrl="http://file", model="file")).agent
    assert (chosen.url, chosen.model) == ("http://account", "own")
    chosen = account(plan_of(WHOLE, environment, agentUrl="http://file", model="file")).agent
    assert (chosen.url, chosen.model) == ("http://file", "env-model")
    assert account(plan_of(WHOLE, environment)).agent.url == "http://ocg"
    del environment["OCG_AGENT_URL"]
    assert account(plan_of(WHOLE, environment)).agent.url == "http://tolmach"
    assert account(plan_of(WHOLE)).agent.url == "http://127.0.0.1:11434/v1/chat/completions"


def test_the_openai_key_goes_to_the_openai_base_only():
    environment = {"OPENAI_BASE_URL": "https://api.example.com/v1", "OPENAI_API_KEY": "sk"}
    same = account(plan_of(WHOLE, environment, agentUrl="https://api.example.com/v1")).agent
    other = account(plan_of(WHOLE, environment, agentUrl="https://other.example.com/v1")).agent
    assert (same.api_key, other.api_key) == ("sk", None)


def test_state_has_a_folder_per_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "bot.yaml").write_text("channels: {rocketchat: {}}")
    first, second = (load_plan(tmp_path / name / "bot.yaml", {}).state_dir for name in ("a", "b"))
    assert first != second
    assert first.parent == tmp_path / "state" / "tolmach"
    (tmp_path / "a" / "bot.yaml").write_text("stateDir: here\nchannels: {rocketchat: {}}")
    assert load_plan(tmp_path / "a" / "bot.yaml", {}).state_dir == tmp_path / "a" / "here"
