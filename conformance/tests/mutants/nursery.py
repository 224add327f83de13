"""A process that has imported the channel already and forks a copy of itself for every start of it.

What it is for: a full matrix starts the channel some thousands of times, and most of a start is importing.
``nursery.py SOCKET`` serves until its standard input ends; ``client.py`` is the command that a manifest
names instead of ``launcher.py``, with the same arguments. What it must not do: share anything between two
copies; a copy ends when its client is gone.
"""

import contextlib
import importlib
import io
import json
import os
import select
import signal
import socket
import sys
import traceback
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

IMPORTED = (
    "tolmach.cli.gateway",
    "tolmach.cli.main",
    "tolmach.cli.pairing",
    "tolmach.gateway.process",
    "tolmach.adapters.rocketchat",
    "tolmach.gateway.asking",
    "tolmach.gateway.logs",
    "yaml",
    "rich.console",
)


def serve(path: str) -> None:
    """Accept clients until standard input ends."""
    for name in IMPORTED:
        importlib.import_module(name)
    importlib.import_module("tolmach.adapters.markup").require()
    # Children are nobody's to wait for here; each has a guardian that waits for it.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(64)
        while True:
            ready, _, _ = select.select([listener, sys.stdin], [], [])
            if sys.stdin in ready and not sys.stdin.read(1):
                return
            if listener in ready:
                connection, _ = listener.accept()
                if os.fork() == 0:
                    listener.close()
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    _guard(connection)
                connection.close()


def _guard(connection: socket.socket) -> None:
    """Start one copy, pass signals on to it, report its end, and end with it."""
    size = int.from_bytes(connection.recv(4, socket.MSG_WAITALL), "big")
    wanted = b""
    files: list[int] = []
    while len(wanted) < size:
        data, found, _, _ = socket.recv_fds(connection, size - len(wanted), 3)
        wanted += data
        files += found
    child = os.fork()
    if child == 0:
        connection.close()
        _become(json.loads(wanted), files)
    for file in files:
        os.close(file)
    watch = os.pidfd_open(child)
    while True:
        ready, _, _ = select.select([connection, watch], [], [])
        if connection in ready:
            number = connection.recv(1)
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, number[0] if number else signal.SIGKILL)
            if not number:
                os._exit(0)
        if watch in ready:
            _, status = os.waitpid(child, 0)
            with contextlib.suppress(OSError):
                connection.send(bytes([os.waitstatus_to_exitcode(status) & 0xFF]))
            os._exit(0)


def _become(wanted: dict[str, Any], files: list[int]) -> None:
    """Turn this copy into what the client would have been."""
    code = 1
    try:
        os.chdir(wanted["cwd"])
        for number, file in enumerate(files):
            os.dup2(file, number)
            os.close(file)
        os.environ.clear()
        os.environ.update(wanted["environment"])
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(line_buffering=True)
        from mutants.launcher import launch

        name, mark, *arguments = wanted["arguments"]
        code = launch(name, Path(mark), arguments)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve(sys.argv[1])
