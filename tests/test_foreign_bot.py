"""A bot on a foreign client, judged by the suite: what it can do, and its true failures."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from interop_environments import python_of

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.interop

WORKS = (1, 2, 3, 4, 7, 18, 60, 61, 64, 70, 140, 142)
FAILS = {
    9: "another bot's mention starts a turn",
    14: "an edit that adds a mention starts a turn",
    32: "a redelivered message starts another turn",
    62: "a longer name counts as a mention",
    156: "the agent can call everybody",
}


def test_its_strengths_and_its_failures_are_told_apart(tmp_path: Path) -> None:
    rows = ",".join(str(number) for number in (*WORKS, *FAILS))
    manifest = ROOT / "examples" / "foreign_bot" / "subject.yaml"
    command = [sys.executable, "-m", "tolmach", "conformance", "run", str(manifest), "--only", rows]
    path = f"{python_of('rocketchat_async').parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path}
    run = subprocess.run(
        [*command, "--out", str(tmp_path)], env=env, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1, run.stdout + run.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    found = {row["number"]: row["verdict"] for row in report["results"]}
    assert found == {**dict.fromkeys(WORKS, "pass"), **dict.fromkeys(FAILS, "fail")}
