"""Run the tests about Pachca and write down which operations each part of the project really called.

What it is for: the last column of the coverage page, from what was answered and not from what the tests say.
A call counts when it was answered well: by the fake, as its journal has it, or for the SDK's tests by
whatever answered. What it must not do: judge; a test that fails only ends the run.

``python docs/pachca_calls.py`` writes ``docs/coverage/pachca_calls.yaml``; it is a plug-in of pytest as well.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tolmach.pachca.api import Api
from tolmach.transport.http import Body
from tolmach_mockservers.journal import Entry, Journal

ROOT = Path(__file__).resolve().parents[1]
CALLS = ROOT / "docs/coverage/pachca_calls.yaml"
PARTS = {"sdk": "sdk", "mockservers": "fake", "schemas": "schemas"}
"""Folder of a part, and its name in the column. The suite is not here: its fakes are other processes."""

_FAKES = {"pachca", "s3"}
STORAGE = {"PostObject": "POST /direct_url"}
"""What the storage calls its operation, and what the table of Pachca does."""


class Calls:
    """Take note of calls while tests run."""

    def __init__(self) -> None:
        self.found: dict[str, set[str]] = {name: set() for name in PARTS.values()}
        self._part = ""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Know whose test runs."""
        self._part = PARTS[item.path.relative_to(ROOT).parts[0]]

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Write down what was called, if all went well."""
        if exitstatus == 0:
            lists = {part: sorted(operations) for part, operations in self.found.items()}
            CALLS.write_text(yaml.safe_dump(lists, sort_keys=False), "utf-8")

    def watch(self) -> None:
        """Look over the shoulders of the fakes' journal and of the SDK."""
        record, call = Journal.record, Api.call

        def recording(journal: Journal, **entry: Any) -> Entry:
            if entry["kind"] == "http" and entry["fake"] in _FAKES and (entry.get("status") or 500) < 400:
                self._called(entry.get("operation"))
            return record(journal, **entry)

        async def calling(api: Api, operation: str, *ids: Any, **rest: Any) -> Body:
            body = await call(api, operation, *ids, **rest)
            if self._part == PARTS["sdk"]:
                self._called(operation)
            return body

        setattr(Journal, record.__name__, recording)
        setattr(Api, call.__name__, calling)

    def _called(self, operation: str | None) -> None:
        name = STORAGE.get(operation or "", operation or "")
        if " /" in name and self._part:
            self.found[self._part].add(name)


def pytest_configure(config: pytest.Config) -> None:
    """Be a plug-in."""
    calls = Calls()
    calls.watch()
    config.pluginmanager.register(calls)


if __name__ == "__main__":
    folders = [f"{part}/tests" for part in PARTS]
    # The page is drawn from what is found here: whether it is up to date cannot be asked before.
    tests = "pachca and not up_to_date"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "pachca_calls", "-k", tests, *folders]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "docs")}
    raise SystemExit(subprocess.call(command, cwd=ROOT, env=environment))  # noqa: S603 - its own command
