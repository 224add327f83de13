"""Be a start of the channel that the nursery carries out: ``client.py SOCKET NAME MARK ARGUMENT...``.

What it is for: a process that a subject's command can name: signals go through it, output and exit code
come back. What it must not do: import anything that takes time.
"""

import json
import os
import signal
import socket
import sys


def main() -> int:
    """Ask for a copy and be its shadow."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(sys.argv[1])
    wanted = {"arguments": sys.argv[2:], "cwd": os.getcwd(), "environment": dict(os.environ)}  # noqa: PTH109
    text = json.dumps(wanted).encode()
    socket.send_fds(connection, [len(text).to_bytes(4, "big")], [])
    sent = socket.send_fds(connection, [text], [0, 1, 2])
    connection.sendall(text[sent:])
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: connection.send(bytes([number])))
    # The copy holds the only writing ends that count: who reads our output sees the copy's end.
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    code = connection.recv(1)
    return code[0] if code else 1


if __name__ == "__main__":
    sys.exit(main())
