"""The JUnit report, for continuous integration.

What it is for: one test case per row; known gaps and rows that were not judged are skipped. What it must not
do: anything a JUnit reader would not understand.
"""

from pathlib import Path

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from tolmach_conformance.outcome import Outcome, RunResult
from tolmach_conformance.verdict import Verdict

__all__ = ["write_junit"]


def write_junit(results: list[RunResult], path: Path) -> None:
    """Write the report."""
    xml = JUnitXml("tolmach-conformance")
    for run in results:
        suite = TestSuite(f"{run.subject} on {run.platform}, seed {run.seed}")
        for one in run.outcomes:
            suite.add_testcase(_case(one, run))
        xml.add_testsuite(suite)
    path.parent.mkdir(parents=True, exist_ok=True)
    xml.write(str(path), pretty=True)


def _case(one: Outcome, run: RunResult) -> TestCase:
    case = TestCase(f"{one.number:03d} {one.id}", f"{run.subject}.{one.level}", one.seconds)
    if one.verdict is Verdict.FAIL and not one.known_gap:
        case.result = [Failure(one.reason, "fail")]
    elif one.verdict is Verdict.HARNESS_ERROR:
        case.result = [Error(one.reason, "harness_error")]
    elif one.verdict is not Verdict.PASS:
        why = f"known gap: {one.known_gap}" if one.known_gap else f"{one.verdict.value}: {one.reason}"
        case.result = [Skipped(why)]
    return case
