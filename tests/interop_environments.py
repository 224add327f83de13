"""Make one small environment per third-party client, and talk to its driver over JSON lines.

Each client lives apart because their requirements exclude one another. It must not import the client.
Run as a script it makes every environment that is missing or out of date.
"""

import hashlib
import json
import subprocess
import sys
import venv
from pathlib import Path
from types import TracebackType
from typing import Self, cast

HERE = Path(__file__).parent / "interop"
HOME = Path(sys.prefix) / "interop"


def names() -> list[str]:
    """Return the clients that have a driver."""
    return sorted(path.parent.name for path in HERE.glob("*/drive.py"))


def python_of(name: str) -> Path:
    """Return the interpreter of a client's environment, made when missing or out of date."""
    requirements = HERE / name / "requirements.txt"
    home = HOME / name
    stamp = home / "installed"
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()
    python = home / "bin" / "python"
    if not stamp.exists() or stamp.read_text() != digest:
        venv.create(home, with_pip=True, clear=True)
        command = [
            str(python),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "-r",
            str(requirements),
        ]
        subprocess.run(command, check=True, capture_output=True)
        stamp.write_text(digest)
    return python


class Driver:
    """Run a client's driver as a process; every call waits for its one line of answer."""

    def __init__(self, name: str) -> None:
        self._process = subprocess.Popen(
            [str(python_of(name)), str(HERE / name / "drive.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def send(self, **request: object) -> dict[str, object]:
        """Send one line and return the answer; the driver's own crash is an assertion error."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            assert self._process.stderr is not None
            raise AssertionError(f"the driver died:\n{self._process.stderr.read()}")
        return cast("dict[str, object]", json.loads(line))

    def ask(self, **request: object) -> object:
        """Send one line and return its result; an error is an assertion error."""
        answer = self.send(**request)
        assert "result" in answer, answer
        return answer["result"]

    def __enter__(self) -> Self:
        """Return the running driver."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the driver."""
        self._process.kill()
        self._process.communicate()


if __name__ == "__main__":
    for each in names():
        print(f"environment for {each} ...", flush=True)
        python_of(each)
