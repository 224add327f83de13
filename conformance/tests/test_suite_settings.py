"""Settings: symbolic for a behaviour, ids for a subject."""

from pathlib import Path

import pytest

from tolmach_conformance.behaviour import MUST, UNLISTED, UNSET, Behaviour, RoomSpec, listed
from tolmach_conformance.configuration import configure
from tolmach_conformance.manifest import Manifest, ManifestError, load_manifest
from tolmach_conformance.settings import NeutralConfig, compose, resolve


async def _nothing(stage: object) -> None:
    del stage


def make(
    number: int, settings: dict[str, object] | None = None, rooms: dict[str, RoomSpec] | None = None
) -> Behaviour:
    return Behaviour(
        number,
        f"a.r{number}",
        MUST,
        _nothing,
        "",
        (),
        settings or {},
        rooms or {"room": RoomSpec()},
        ("alice",),
        {},
        False,
        False,
        False,
        1,
        {},
        False,
    )


def names(tag: str) -> dict[str, str]:
    return {"alice": f"A{tag}", "alice.name": f"alice-{tag}", "room": f"R{tag}", "room.name": f"ops-{tag}"}


def test_references_are_filled_at_any_depth_and_unknown_braces_stay() -> None:
    value = {"{room}": ["user:{alice}", "@{alice.name}", r"\d{3}", "{nobody}"]}
    assert resolve(value, names("1")) == {"R1": ["user:A1", "@alice-1", r"\d{3}", "{nobody}"]}


def test_a_shared_list_holds_everybody_once() -> None:
    neutral = compose([(make(1), names("1")), (make(2), names("2")), (make(3), names("1"))])
    assert neutral.account["allowFrom"] == ["A1", "A2"]
    assert neutral.account["dmPolicy"] == "allowlist"


def test_rooms_carry_their_own_entries_under_the_key_asked_for() -> None:
    first = make(1, rooms={"room": listed(key="#{name}", users=["{alice}"]), "other": UNLISTED})
    second = make(2, rooms={"room": listed(key="channel:{id}", requireMention=False)})
    other = {"other": "O1", "other.name": "away"}
    neutral = compose([(first, {**names("1"), **other}), (second, names("2"))])
    assert neutral.rooms == {"#ops-1": {"users": ["A1"]}, "channel:R2": {"requireMention": False}}


def test_unset_groups_leave_no_rooms_and_a_wildcard_is_an_entry() -> None:
    assert compose([(make(1, {"groups": UNSET}), names("1"))]).rooms == {}
    neutral = compose([(make(1, {"groups.*": {"requireMention": False}}), names("1"))])
    assert neutral.rooms == {"*": {"requireMention": False}, "R1": {}}
    assert "groups.*" not in neutral.account


MANIFEST = """
name: sample
version: 1.0.0
platforms: [rocketchat]
command: [run, "{config}"]
config: {file: bot.json, template: {server: "{server_url}", deep: {token: "{token}"}}}
ready: {stdout: ready}
settings: {"*": channels.chat, agentUrl: agent.url, secret: "env:BOT_SECRET", groups.*.users: people}
accounts: {path: channels.chat.accounts.second, template: {token: "{token}"}}
fixed: {groupPolicy: allowlist}
"""
PLACES = {"server_url": "http://127.0.0.1:1", "token": "t1", "config": "/c"}


def manifest(tmp_path: Path, text: str = MANIFEST) -> Manifest:
    file = tmp_path / "subject.yaml"
    file.write_text(text)
    return load_manifest(file)


def test_neutral_settings_land_where_the_manifest_says(tmp_path: Path) -> None:
    neutral = NeutralConfig(
        {"dmPolicy": "open", "groupPolicy": "allowlist", "implicitMentions.replyToBot": False, "secret": "s"},
        {"R1": {"users": ["A1"], "requireMention": True}},
        {},
    )
    written = configure(manifest(tmp_path), neutral, PLACES)
    assert written.document == {
        "server": "http://127.0.0.1:1",
        "deep": {"token": "t1"},
        "channels": {
            "chat": {
                "dmPolicy": "open",
                "implicitMentions": {"replyToBot": False},
                "groups": {"R1": {"people": ["A1"], "requireMention": True}},
            }
        },
    }
    assert written.env == {"BOT_SECRET": "s"}


def test_an_unset_or_raw_value_overrides_the_template(tmp_path: Path) -> None:
    neutral = NeutralConfig({"agentUrl": UNSET}, {}, {})
    raw = {"deep.token": None, "deep.more": 1}
    written = configure(manifest(tmp_path), neutral, PLACES, raw=raw)
    assert written.document["deep"] == {"more": 1}


def test_the_second_account_is_written_with_its_own_credentials(tmp_path: Path) -> None:
    neutral = NeutralConfig({}, {}, {"dmPolicy": "disabled"})
    written = configure(manifest(tmp_path), neutral, PLACES, second={**PLACES, "token": "t2"})
    assert written.document["channels"] == {
        "chat": {"accounts": {"second": {"token": "t2", "dmPolicy": "disabled"}}}
    }


def test_an_unknown_placeholder_names_file_and_field(tmp_path: Path) -> None:
    bad = manifest(tmp_path, MANIFEST.replace("{server_url}", "{sever_url}"))
    with pytest.raises(ManifestError, match=r"subject\.yaml: config\.template: \{sever_url\} is not known"):
        configure(bad, NeutralConfig({}, {}, {}), PLACES)
