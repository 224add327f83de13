import json
from pathlib import Path

import pytest

from tolmach_mockservers.refusal import RefusalError
from tolmach_mockservers.world import DEFAULT_WORLD, Person, Room, parse_world, read_world


def test_the_default_world_has_four_people_and_two_rooms_of_everybody() -> None:
    assert [person.key for person in DEFAULT_WORLD.people] == ["admin", "alice", "bob", "bot"]
    assert DEFAULT_WORLD.bot.username == "tolmach.bot"
    assert [(room.key, room.kind) for room in DEFAULT_WORLD.rooms] == [
        ("general", "public"),
        ("team", "private"),
    ]
    assert all(len(room.members) == 4 for room in DEFAULT_WORLD.rooms)


def test_a_world_is_read_from_yaml(tmp_path: Path) -> None:
    file = tmp_path / "world.yaml"
    file.write_text(
        "people:\n  carol: {name: Carol Danvers}\n  helper: {kind: bot, username: help.bot}\n"
        "rooms:\n  ops: {kind: private, members: [carol, helper], topic: Night shift}\n  lobby:\n"
    )
    world = read_world(file)
    assert world.people == (
        Person("admin", "admin", "Ada Admin", "admin"),
        Person("carol", "carol", "Carol Danvers", "human"),
        Person("helper", "help.bot", "", "bot"),
    )
    assert world.bot.key == "helper"
    assert world.rooms == (
        Room("ops", "private", ("carol", "helper"), "ops", "Night shift"),
        Room("lobby", "public", ("admin", "carol", "helper"), "lobby"),
    )


def test_a_world_is_read_from_json(tmp_path: Path) -> None:
    file = tmp_path / "world.json"
    file.write_text(json.dumps({"people": {"bot": {"username": "b"}}}))
    world = read_world(file)
    assert world.bot == Person("bot", "b", "", "bot")
    assert world.rooms == ()


def test_an_empty_file_still_has_an_admin_and_a_bot(tmp_path: Path) -> None:
    file = tmp_path / "world.yaml"
    file.write_text("")
    assert [person.key for person in read_world(file).people] == ["admin", "bot"]


@pytest.mark.parametrize(
    ("given", "field", "remedy"),
    [
        ({"persons": {}}, "persons", "known are people, rooms"),
        ({"people": ["carol"]}, "people", "an object"),
        (
            {"people": {"carol": {"kind": "robot"}}},
            "people.carol.kind",
            '"robot" is none of human, bot, admin',
        ),
        ({"people": {"carol": {"nick": "c"}}}, "people.carol.nick", "known are username, name, kind"),
        ({"people": {"bot": {"kind": "human"}}}, "people", "are for people of that kind"),
        ({"rooms": {"ops": {"kind": "secret"}}}, "rooms.ops.kind", '"secret" is none of public, private'),
        ({"rooms": {"ops": {"members": ["dave"]}}}, "rooms.ops.members", '"dave" is none of the people'),
        ({"rooms": {"ops": {"members": []}}}, "rooms.ops.members", "at least one"),
    ],
)
def test_a_wrong_world_is_refused_by_field_and_remedy(given: object, field: str, remedy: str) -> None:
    with pytest.raises(RefusalError) as caught:
        parse_world(given)
    assert caught.value.field == field
    assert remedy in caught.value.message


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("world.yaml", b"people: [", "is not YAML"),
        ("world.json", b"{", "is not JSON"),
        ("world.yaml", b"- carol", "an object with people, rooms"),
        ("world.yaml", b"\xff\xfe\x00", "is not UTF-8"),
        ("missing.yaml", None, "No such file"),
    ],
)
def test_an_unreadable_file_is_named(tmp_path: Path, name: str, content: bytes | None, what: str) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(RefusalError) as caught:
        read_world(file)
    assert str(file) in caught.value.message
    assert what in caught.value.message
