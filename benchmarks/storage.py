"""The fake S3 against bare aiohttp and, side by side, moto's server: rates, and time to listen.

moto does not verify signatures; it stands here for what people use today. It lives in an environment
of its own, made on the first run.
"""

import contextlib
import hashlib
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
import venv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from load import Figures, run, run_closing, sent
from processes import bare, fakes, port_of
from rows import Row, at_least, at_most

from tolmach_mockservers.s3.keys import Key
from tolmach_mockservers.s3.presign import form_fields, link

REQUESTS = 6000
MOTO_REQUESTS = 300
ROUNDS = 5
BODY = b"x" * 1024
HERE = Path(__file__).parent
BUCKET = "tolmach"


def put(url: str) -> bytes:
    """Return a presigned PUT of 1 KiB."""
    host, path = url.removeprefix("http://").split("/", 1)
    return sent("PUT", f"/{path}", BODY, {"Host": host})


def form(url: str, fields: Mapping[str, str]) -> bytes:
    """Return a POST of a form with a file of 1 KiB."""
    host, path = url.removeprefix("http://").split("/", 1)
    parts = [
        f'--bound\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    parts.append('--bound\r\nContent-Disposition: form-data; name="file"; filename="f.bin"\r\n\r\n')
    body = "".join(parts).encode() + BODY + b"\r\n--bound--\r\n"
    return sent(
        "POST", f"/{path}", body, {"Host": host, "Content-Type": "multipart/form-data; boundary=bound"}
    )


def signed(url: str, key: Key, region: str) -> tuple[bytes, bytes]:
    """Return a PUT and a POST of one storage."""
    now = time.time()
    target = link(key, region, now, method="PUT", base=url, path=f"/{BUCKET}/put/f.bin", expires_in=3600)
    fields = form_fields(
        key,
        region,
        now,
        bucket=BUCKET,
        expires_in=3600,
        fields={"key": "post/${filename}", "acl": "private", "success_action_status": "200"},
        conditions=[["content-length-range", 1, 10_000]],
    )
    return put(target), form(f"{url}/{BUCKET}", fields)


def moto_python() -> Path:
    """Return the interpreter of moto's environment, made when missing or out of date."""
    requirements = HERE / "moto" / "requirements.txt"
    home = Path(sys.prefix) / "benchmarks" / "moto"
    python, stamp = home / "bin" / "python", home / "installed"
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != digest:
        venv.create(home, with_pip=True, clear=True)
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*command, "-r", str(requirements)], check=True, capture_output=True)
        stamp.write_text(digest)
    return python


@contextmanager
def moto() -> Iterator[str]:
    """Run moto's server and yield its url once it answers."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [str(moto_python().parent / "moto_server"), "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 30
        while True:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("moto's server did not start")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
                break
            time.sleep(0.005)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def make_bucket(url: str) -> None:
    """Make the bucket in a storage that asks nobody for a name."""
    request = urllib.request.Request(f"{url}/{BUCKET}", method="PUT")
    urllib.request.urlopen(request, timeout=30).close()


def _milliseconds(what: Any) -> float:
    started = time.perf_counter()
    with what:
        return (time.perf_counter() - started) * 1000


def _median(rounds: list[Figures]) -> float:
    return statistics.median(each.rate for each in rounds)


async def measure() -> list[Row]:
    """Measure PUT, POST and start, rounds taken in turn."""
    moto_python()
    rounds: dict[str, list[Figures]] = {}
    with bare() as plain, fakes("s3") as (ready, _), moto() as theirs:
        where = ready["s3"]
        ours = where["url"]
        key = Key(where["access_key"], where["secret_key"])
        make_bucket(theirs)
        our_put, our_post = signed(ours, key, where["region"])
        their_put, their_post = signed(theirs, Key("testing", "testing"), "us-east-1")
        cases = {
            "bare": (plain, put(f"http://127.0.0.1:{plain}/put"), REQUESTS),
            "put": (port_of(ours), our_put, REQUESTS),
            "post": (port_of(ours), our_post, REQUESTS),
            "moto put": (port_of(theirs), their_put, MOTO_REQUESTS),
            "moto post": (port_of(theirs), their_post, MOTO_REQUESTS),
        }
        for _ in range(ROUNDS):
            for name, (port, request, count) in cases.items():
                send = run_closing if name.startswith("moto") else run
                rounds.setdefault(name, []).append(await send(port, [request] * count))
    found = {name: _median(each) for name, each in rounds.items()}
    starts = {"bare": bare, "ours": lambda: fakes("s3"), "moto": moto}
    times: dict[str, list[float]] = {name: [] for name in starts}
    for _ in range(ROUNDS):
        for name, start in starts.items():
            times[name].append(_milliseconds(start()))
    middle = {name: statistics.median(each) for name, each in times.items()}
    return [
        at_least("fake S3, 1 KiB presigned PUT over bare PUT", found["put"], found["bare"], 0.25, "/s"),
        at_least("fake S3, 1 KiB presigned POST over bare PUT", found["post"], found["bare"], 0.25, "/s"),
        at_least("fake S3, presigned PUT over moto's server", found["put"], found["moto put"], 1.0, "/s"),
        at_least("fake S3, presigned POST over moto's server", found["post"], found["moto post"], 1.0, "/s"),
        at_most("fake S3 up, shell to listening, over bare", middle["ours"], middle["bare"], 1.2, "ms"),
        at_most("fake S3 up, over moto's server", middle["ours"], middle["moto"], 1.0, "ms"),
    ]
