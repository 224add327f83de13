"""Reports, baseline and exit codes."""

import datetime as dt
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from click.testing import CliRunner
from rich.console import Console

import tolmach_schemas
from tolmach_conformance.baseline import Gap, apply, load_baseline
from tolmach_conformance.catalogue import catalogue, export, load_behaviours, select
from tolmach_conformance.cli import conformance
from tolmach_conformance.exchange import redact
from tolmach_conformance.manifest import ManifestError
from tolmach_conformance.outcome import Outcome, RunResult, Step
from tolmach_conformance.report.html import write_html
from tolmach_conformance.report.json import as_json
from tolmach_conformance.report.junit import write_junit
from tolmach_conformance.report.markdown import write_badge, write_markdown
from tolmach_conformance.report.terminal import print_matrix
from tolmach_conformance.session import code_of
from tolmach_conformance.verdict import (
    Failed,
    HarnessError,
    NotClaimed,
    NotObservable,
    Verdict,
    expect,
    verdict_of,
)

TODAY = dt.date(2026, 6, 1)


def outcome(number: int, verdict: Verdict, reason: str = "") -> Outcome:
    row = catalogue()[number]
    return Outcome(number, row.id, row.level, row.title, verdict, reason, 0.25)


def result(*outcomes: Outcome) -> RunResult:
    return RunResult("bot <x>", "1.0", "rocketchat", 7, "2026-06-01T10:00:00+00:00", 3.5, 2, list(outcomes))


@pytest.fixture
def run() -> RunResult:
    passed = outcome(1, Verdict.PASS)
    passed.exchange = [Step(0.0, "alice", "says in a direct chat", "hello <b>")]
    failed = outcome(62, Verdict.FAIL, '"@botanist" started a turn')
    return result(passed, failed, outcome(37, Verdict.NOT_APPLICABLE, "no webhook"))


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (None, Verdict.PASS),
        (Failed("x"), Verdict.FAIL),
        (AssertionError("x"), Verdict.FAIL),
        (NotClaimed("x"), Verdict.NOT_CLAIMED),
        (NotObservable("x"), Verdict.NOT_OBSERVABLE),
        (HarnessError("x"), Verdict.HARNESS_ERROR),
        (KeyError("x"), Verdict.HARNESS_ERROR),
    ],
)
def test_only_a_broken_expectation_is_a_failure(error: Exception | None, verdict: Verdict) -> None:
    assert verdict_of(error)[0] is verdict


def test_an_expectation_carries_its_reason() -> None:
    expect(True, "unused")
    with pytest.raises(Failed, match="it answered twice"):
        expect([], "it answered twice")


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        ([Verdict.PASS, Verdict.NOT_CLAIMED, Verdict.NOT_APPLICABLE], 0),
        ([Verdict.PASS, Verdict.FAIL], 1),
        ([Verdict.FAIL, Verdict.HARNESS_ERROR], 3),
    ],
)
def test_the_exit_code_follows_the_verdicts(verdicts: list[Verdict], code: int) -> None:
    assert code_of(result(*(outcome(1, verdict) for verdict in verdicts))) == code


def test_a_broken_run_is_a_harness_error_even_if_all_rows_pass() -> None:
    whole = result(outcome(1, Verdict.PASS))
    whole.broken.append("the fakes died")
    assert code_of(whole) == 3


def test_the_json_report_fulfils_its_schema(run: RunResult) -> None:
    report = as_json([run])
    jsonschema.validate(report, dict(tolmach_schemas.load("report.schema")))
    first = report["results"]
    assert isinstance(first, list)
    assert {key: first[0][key] for key in ("number", "id", "level", "platform", "subject", "verdict")} == {
        "number": 1,
        "id": "inbound.dm.delivers-turn",
        "level": "MUST",
        "platform": "rocketchat",
        "subject": "bot <x>",
        "verdict": "pass",
    }


def test_junit_counts_failures_and_skips(run: RunResult, tmp_path: Path) -> None:
    known = outcome(9, Verdict.FAIL, "heard a bot")
    known.known_gap = "next release"
    run.outcomes += [known, outcome(3, Verdict.HARNESS_ERROR, "the fake fell over")]
    write_junit([run], tmp_path / "junit.xml")
    (suite,) = ET.parse(tmp_path / "junit.xml").getroot().iter("testsuite")
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "5",
        "failures": "1",
        "errors": "1",
        "skipped": "2",
    }


def test_html_holds_every_row_and_escapes_what_was_said(run: RunResult, tmp_path: Path) -> None:
    write_html([run], tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    assert 'id="62"' in page
    assert "hello &lt;b&gt;" in page
    assert "hello <b>" not in page
    assert "http://" not in page
    assert "https://" not in page


def test_html_puts_platforms_side_by_side(run: RunResult, tmp_path: Path) -> None:
    other = replace(
        run, platform="pachca", outcomes=[replace(one, verdict=Verdict.PASS) for one in run.outcomes]
    )
    write_html([run, other], tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    (line,) = re.findall(r'<tr class="row differs bad" id="62">.*?</tr>', page, re.DOTALL)
    assert 'href="#rocketchat-62"' in line
    assert 'href="#pachca-62"' in line
    assert '<details id="rocketchat-62" open>' in page
    assert '<details id="pachca-62">' in page
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    linked = set(re.findall(r'href="#([^"]+)"', page))
    assert linked <= set(ids)


def test_the_badge_speaks_for_every_platform(run: RunResult, tmp_path: Path) -> None:
    good = replace(
        run, platform="pachca", outcomes=[replace(one, verdict=Verdict.PASS) for one in run.outcomes]
    )
    write_badge([run, good], tmp_path / "badge.json")
    badge = json.loads((tmp_path / "badge.json").read_text())
    assert badge["color"] == "red"
    assert badge["message"].startswith("rocketchat ")
    assert ", pachca " in badge["message"]
    write_badge([good, good], tmp_path / "badge.json")
    assert json.loads((tmp_path / "badge.json").read_text())["color"] == "brightgreen"


def test_the_terminal_shows_counts_and_reasons(run: RunResult) -> None:
    out = io.StringIO()
    print_matrix(run, Console(file=out, width=120), where="build/conformance")
    text = out.getvalue()
    assert "bot <x> 1.0 on rocketchat" in text
    assert "2 of 3 judged" in text
    assert '"@botanist" started a turn' in text
    assert "tolmach conformance explain 62" in text
    assert "seed 7" in text


def test_summary_and_badge_name_the_failure(run: RunResult, tmp_path: Path) -> None:
    write_markdown([run], tmp_path / "summary.md")
    write_badge([run], tmp_path / "badge.json")
    assert "**062 mention.explicit.no-substring** fail" in (tmp_path / "summary.md").read_text()
    badge = json.loads((tmp_path / "badge.json").read_text())
    assert (badge["message"], badge["color"]) == ("1/2 MUST", "red")


def gap(number: int, expires: dt.date = dt.date(2026, 12, 31)) -> Gap:
    return Gap(number, "in work", "ann", expires)


def test_a_known_gap_does_not_fail_the_run(run: RunResult) -> None:
    run.baseline = apply([gap(62)], run.outcomes, catalogue(), TODAY)
    assert run.baseline == []
    assert run.outcomes[1].known_gap == "in work"
    assert code_of(run) == 0


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (gap(1), "row 001 (ann) passes; take the entry away"),
        (gap(62, dt.date(2026, 5, 31)), "row 062 (ann) expired on 2026-05-31"),
        (gap(37), "row 037 (ann) is stale: the row is not_applicable"),
        (gap(999), "row 999 (ann) is no row of the catalogue"),
    ],
)
def test_a_baseline_that_outlived_its_reasons_fails_the_run(run: RunResult, entry: Gap, message: str) -> None:
    run.baseline = apply([entry], run.outcomes, catalogue(), TODAY)
    assert run.baseline == [f"baseline: {message}"]
    assert code_of(run) == 1


def test_a_gap_of_a_row_that_did_not_run_is_left_alone(run: RunResult) -> None:
    assert apply([gap(100)], run.outcomes, catalogue(), TODAY) == []


def test_a_baseline_is_read_and_its_mistakes_are_named(tmp_path: Path) -> None:
    file = tmp_path / "gaps.yaml"
    file.write_text("- {number: 62, reason: in work, owner: ann, expires: 2026-12-31}\n")
    assert load_baseline(file) == [gap(62)]
    file.write_text("- {number: 62, reason: in work, expires: 2026-12-31}\n")
    with pytest.raises(ManifestError, match=r"gaps\.yaml: \[0\]\.owner: is missing"):
        load_baseline(file)
    file.write_text("- {number: 62, reason: in work, owner: ann, expires: soon}\n")
    with pytest.raises(ManifestError, match="'soon' is no date"):
        load_baseline(file)


def test_redaction_takes_every_secret_out() -> None:
    assert redact("a tok3n and tok3n", ["tok3n", ""]) == "a [secret] and [secret]"


def test_every_scenario_belongs_to_its_row_and_is_exported() -> None:
    rows = {row["number"]: row for row in export()}
    assert len(rows) == 275
    for number, found in load_behaviours().items():
        assert found.text, f"row {number} says nothing"
        assert rows[number]["scenario"] is not None
    assert json.loads(json.dumps(list(rows.values())))


def test_rows_are_chosen_by_number_range_id_area_and_level() -> None:
    judged = load_behaviours()
    assert set(select(judged, only=["1,62"])) == {1, 62}
    assert set(select(judged, only=["mention.explicit"])) <= set(select(judged, only=["60-79"]))
    assert set(select(judged, only=["mention"])) == {n for n in judged if 60 <= n < 80}
    assert all(one.level == "MUST" for one in select(judged, levels=["MUST"]).values())
    with pytest.raises(ValueError, match="--only nonsense"):
        select(judged, only=["nonsense"])


def test_the_command_lists_explains_and_refuses(tmp_path: Path) -> None:
    runner = CliRunner()
    listed = runner.invoke(conformance, ["list", "--only", "62"])
    assert "* 062 MUST" in listed.output
    told = runner.invoke(conformance, ["explain", "062", "--out", str(tmp_path)])
    assert "nothing_happens" in told.output
    assert runner.invoke(conformance, ["explain", "9999"]).exit_code == 2
    wrong = runner.invoke(conformance, ["run", str(tmp_path / "none.yaml")])
    assert wrong.exit_code == 2
