from pathlib import Path

import pytest

from tolmach.errors import ConfigError
from tolmach.gateway.document import Document, read_document


def read(tmp_path: Path, text: str, name: str = "bot.yaml") -> Document:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return read_document(file)


def test_words_that_older_yaml_reads_as_booleans_and_times_stay_words(tmp_path: Path):
    text = "mode: off\nanswer: yes\nat: 12:30\nday: 2026-01-31\nid: 64e1234567\nzeros: 007\nquoted: '1'\n"
    assert read(tmp_path, text).value == {
        "mode": "off",
        "answer": "yes",
        "at": "12:30",
        "day": "2026-01-31",
        "id": "64e1234567",
        "zeros": "007",
        "quoted": "1",
    }


def test_plain_values_have_their_types(tmp_path: Path):
    text = "a: 1\nb: -2.5\nc: true\nd: null\ne:\nf: [x, 2]\ng: {h: 0}\n"
    assert read(tmp_path, text).value == {
        "a": 1,
        "b": -2.5,
        "c": True,
        "d": None,
        "e": None,
        "f": ["x", 2],
        "g": {"h": 0},
    }


def test_every_key_and_item_knows_its_line(tmp_path: Path):
    document = read(tmp_path, "# a comment\nchannels:\n  rocketchat:\n    allowFrom:\n      - x\n      - y\n")
    assert document.where(("channels", "rocketchat", "allowFrom", 1)) == "bot.yaml:6"
    assert document.where(("channels", "rocketchat", "missing")) == "bot.yaml:3"
    assert document.where(("nothing",)) == "bot.yaml"


@pytest.mark.parametrize("indent", ["  ", "\t"])
def test_json_knows_its_lines_too(tmp_path: Path, indent: str):
    text = (
        "{\n" + indent + '"channels": {\n' + indent * 2 + '"rocketchat": {"name": "a\\/b \\ud83d\\ude00"}\n}}'
    )
    document = read(tmp_path, text, "ocg.json")
    assert document.value == {"channels": {"rocketchat": {"name": "a/b \U0001f600"}}}
    assert document.where(("channels", "rocketchat")) == "ocg.json:3"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("ocg.json", '{"a": 1,\n}', r"ocg\.json:2.*is not JSON"),
        ("bot.yaml", "a: [1\nb: 2\n", r"bot\.yaml:2.*is not YAML"),
        ("bot.yaml", "a: 1\na: 2\n", r"bot\.yaml:2  a: is written twice"),
        ("bot.yaml", "- a\n", "settings by name"),
        ("bot.yaml", "", "is empty"),
        ("bot.yaml", "a: &x\n  b: *x\n", "refers to itself"),
        ("bot.yaml", "? [a]\n: 1\n", "one word"),
    ],
)
def test_a_broken_file_is_one_clear_error(tmp_path: Path, name: str, text: str, message: str):
    with pytest.raises(ConfigError, match=message):
        read(tmp_path, text, name)


def test_a_missing_file_and_one_that_is_no_text_are_named(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"nowhere\.yaml: there is no such file"):
        read_document(tmp_path / "nowhere.yaml")
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not UTF-8"):
        read_document(tmp_path / "binary.yaml")
