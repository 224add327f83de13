"""Files that people and programs write: configuration, manifest, baseline, catalogue, report."""

import json
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import cast

import pytest
import yaml

from tolmach_conformance.outcome import Outcome, RunResult, Step
from tolmach_conformance.report.json import as_json
from tolmach_conformance.verdict import Verdict
from tolmach_schemas.validation import compile_document

Json = dict[str, object]

EXAMPLES = Path(__file__).parents[2] / "examples"
ACCOUNT: Json = {"serverUrl": "https://chat.example.org", "userId": "u1", "pat": "p"}


def config(**account: object) -> Json:
    return {"agentUrl": "http://127.0.0.1:1/v1", "channels": {"rocketchat": {**ACCOUNT, **account}}}


@pytest.mark.parametrize(
    "document",
    [
        config(),
        config(
            dmPolicy="open", allowFrom=["*"], groups={"*": {"requireMention": False}, "R1": {"users": ["u2"]}}
        ),
        config(accounts={"second": {"userId": "u2", "pat": "q", "agentId": "ops"}}, defaultAccount="second"),
        config(
            streaming="off",
            allowBots="mentions",
            dm={"groupEnabled": True},
            thread={"initialHistoryLimit": 0},
        ),
        {"channels": {"someone-else": {"token": "x"}}},
    ],
)
def test_a_configuration(document: Json) -> None:
    assert compile_document("config.schema")(document) == []


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({"agentUrl": "http://x"}, '"channels" is a required property'),
        (config(dmPolicy="everyone"), ".channels.rocketchat.dmPolicy"),
        (config(dmPolcy="open"), "'dmPolcy' was unexpected"),
        (config(allowFrom="bob"), ".channels.rocketchat.allowFrom"),
        (config(textChunkLimit=10), ".channels.rocketchat.textChunkLimit"),
        (config(groups={"R1": {"mention": True}}), "'mention' was unexpected"),
        (config(blockStreaming=True), ".channels.rocketchat.blockStreaming"),
        (config(accounts={"second": {"pat": 7}}), ".channels.rocketchat.accounts.second.pat"),
        (config(agentId="a b"), ".channels.rocketchat.agentId"),
        ({**config(), "async": True}, ".async"),
        ({**config(), "retries": 3}, "'retries' was unexpected"),
    ],
)
def test_a_broken_configuration(document: Json, says: str) -> None:
    wrong = compile_document("config.schema")(document)
    assert any(says in line for line in wrong), wrong


def bundled() -> list[Path]:
    folder = Path(str(resources.files("tolmach_conformance") / "subjects"))
    return sorted(folder.glob("*.yaml"))


@pytest.mark.parametrize(
    "file", [*bundled(), *sorted(EXAMPLES.rglob("subject*.yaml"))], ids=lambda file: file.stem
)
def test_a_manifest_that_ships(file: Path) -> None:
    manifest: object = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert compile_document("manifest.schema")(manifest) == []


MANIFEST: Json = {
    "name": "x",
    "version": "1",
    "platforms": ["rocketchat"],
    "command": ["x"],
    "ready": {"stdout": "up"},
}


@pytest.mark.parametrize(
    ("change", "fine"),
    [
        ({}, True),
        ({"version": {"distribution": "x"}}, True),
        ({"python": "pkg.mod:serve"}, False),
        ({"ready": {"stdout": "up", "http": "http://x"}}, False),
        ({"ready": {}}, False),
        ({"platforms": []}, False),
        ({"stop": {"signal": "KILL"}}, False),
        ({"colour": "red"}, False),
    ],
)
def test_a_manifest(change: Json, fine: bool) -> None:
    assert (compile_document("manifest.schema")({**MANIFEST, **change}) == []) is fine


@pytest.mark.parametrize(
    ("gap", "fine"),
    [
        ({"number": 25, "reason": "not built", "owner": "alice", "expires": "2027-01-31"}, True),
        ({"number": 25, "reason": "not built", "owner": "alice"}, False),
        ({"number": 25, "reason": "", "owner": "alice", "expires": "2027-01-31"}, False),
        ({"number": 25, "reason": "not built", "owner": "alice", "expires": "soon"}, False),
        ({"id": "x", "number": 25, "reason": "r", "owner": "alice", "expires": "2027-01-31"}, False),
    ],
)
def test_a_known_gap(gap: Json, fine: bool) -> None:
    assert (compile_document("baseline.schema")([gap]) == []) is fine


def catalogue() -> Json:
    text = (resources.files("tolmach_conformance") / "catalogue.json").read_text(encoding="utf-8")
    return cast("Json", json.loads(text))


def test_the_catalogue() -> None:
    assert compile_document("catalogue.schema")(catalogue()) == []


@pytest.mark.parametrize(
    "change", [{"level": "must"}, {"needs": ["luck"]}, {"area": "misc"}, {"platforms": {"rc": "yes"}}]
)
def test_a_wrong_row_of_the_catalogue(change: Mapping[str, object]) -> None:
    row = cast("list[Json]", catalogue()["rows"])[0]
    assert compile_document("catalogue.schema")({"version": 1, "rows": [{**row, **change}]})


def test_what_the_suite_reports() -> None:
    step = Step(0.5, "alice", "says", "hi")
    outcomes = [
        Outcome(number, f"area.row-{number}", "MUST", "title", verdict, "because", 0.1, exchange=[step])
        for number, verdict in enumerate(Verdict, 1)
    ]
    outcomes[1].known_gap = "not built"
    run = RunResult(
        "bot", "1", "rocketchat", 7, "2026-03-01T10:00:00Z", 9.5, 3, outcomes, ["n"], ["b"], ["g"]
    )
    report = as_json([run])
    assert compile_document("report.schema")(json.loads(json.dumps(report))) == []
