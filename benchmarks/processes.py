"""Start the servers that are measured, each as a process of its own. It must not measure anything."""

import json
import re
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@contextmanager
def bare() -> Iterator[int]:
    """Run the baseline server and yield its port."""
    process = subprocess.Popen([sys.executable, str(HERE / "bare.py")], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@contextmanager
def fakes(*names: str) -> Iterator[tuple[dict[str, Any], int]]:
    """Run fakes and yield their ready file and process id."""
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.json"
        command = [sys.executable, "-m", "tolmach_mockservers", "up", *names, "--ready-file", str(ready)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert process.stdout is not None
        try:
            process.stdout.readline()
            yield json.loads(ready.read_text()), process.pid
        finally:
            process.terminate()
            process.wait()
            process.stdout.close()


def without_rate_limits(ready: dict[str, Any]) -> None:
    """Let one account call as often as it likes, as a benchmark must."""
    headers = {"Authorization": f"Bearer {ready['control']['token']}", "Content-Type": "application/json"}
    url = f"{ready['control']['url']}/rocketchat/settings"
    body = json.dumps({"rate_limits": False}).encode()
    urllib.request.urlopen(urllib.request.Request(url, body, headers, method="PATCH")).close()


def port_of(url: str) -> int:
    """Return the port in a loopback URL."""
    match = re.search(r":(\d+)", url.split("//")[1])
    assert match is not None
    return int(match[1])


def resident_megabytes(pid: int) -> float:
    """Return a process's resident memory in megabytes (Linux)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the kernel does not say VmRSS")
