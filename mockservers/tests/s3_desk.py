"""A fake S3 in the test's own loop, spoken to in raw bytes; signatures come from code of the tests' own."""

import asyncio
import base64
import hashlib
import hmac
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import web

from tolmach_mockservers.clock import FakeClock
from tolmach_mockservers.faults import Faults
from tolmach_mockservers.journal import Journal
from tolmach_mockservers.kernel import Kernel
from tolmach_mockservers.s3.fake import S3Fake
from tolmach_mockservers.s3.keys import Key
from tolmach_mockservers.seed import Seed

ACCESS_KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
"""The key of the vendor's published examples."""

REGION = "us-east-1"
FRIDAY = datetime(2013, 5, 24, tzinfo=UTC).timestamp()
"""The moment of the vendor's published examples."""

STAMP = "20130524T000000Z"
CREDENTIAL = f"{ACCESS_KEY}/20130524/{REGION}/s3/aws4_request"
BUCKET = "examplebucket"
HOST = f"{BUCKET}.s3.amazonaws.com"


@dataclass(frozen=True)
class Answer:
    """What came back: header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def element(self, name: str) -> str:
        """Return the text of an XML element."""
        found = re.search(rf"<{name}>(.*?)</{name}>", self.body.decode(), re.DOTALL)
        return "" if found is None else found[1]

    @property
    def refusal(self) -> tuple[int, str]:
        """Return status and code."""
        return self.status, self.element("Code")


def sign(text: str, secret: str = SECRET, date: str = "20130524", region: str = REGION) -> str:
    """Return a signature, by nothing but the vendor's description."""
    key = ("AWS4" + secret).encode()
    for part in (date, region, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def authorization(method: str, target: str, headers: Mapping[str, str], secret: str = SECRET) -> str:
    """Return the header of a request whose path and query are canonical already; all headers are signed."""
    path, _, query = target.partition("?")
    names = sorted(name.lower() for name in headers)
    values = {name.lower(): value for name, value in headers.items()}
    canonical = "\n".join(
        [
            method,
            path,
            query,
            *(f"{name}:{values[name]}" for name in names),
            "",
            ";".join(names),
            values["x-amz-content-sha256"],
        ]
    )
    scope = f"20130524/{REGION}/s3/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    signature = sign(f"AWS4-HMAC-SHA256\n{STAMP}\n{scope}\n{digest}", secret)
    return f"AWS4-HMAC-SHA256 Credential={CREDENTIAL},SignedHeaders={';'.join(names)},Signature={signature}"


def grant(*conditions: object, expiration: str = "2013-05-25T00:00:00.000Z", **fields: str) -> dict[str, str]:
    """Return the signed fields of a form; conditions for bucket and signing fields are added."""
    own = {"x-amz-algorithm": "AWS4-HMAC-SHA256", "x-amz-credential": CREDENTIAL, "x-amz-date": STAMP}
    wanted = [{"bucket": BUCKET}, *conditions, *({name: value} for name, value in own.items())]
    document = json.dumps({"expiration": expiration, "conditions": wanted})
    policy = base64.b64encode(document.encode()).decode()
    return {**fields, **own, "policy": policy, "x-amz-signature": sign(policy)}


def form_body(
    fields: Mapping[str, str], data: bytes | None = b"hello", filename: str = "f.txt", after: bytes = b""
) -> bytes:
    """Return the body of a form with the boundary "cut"."""
    parts = [
        f'--cut\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    if data is not None:
        head = f'--cut\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n\r\n'
        parts += [head.encode(), data, b"\r\n"]
    return b"".join(parts) + after + b"--cut--\r\n"


async def eventually(check: Callable[[], bool]) -> None:
    """Let other tasks run until something is so."""
    for _ in range(200_000):
        if check():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came to pass")


class Storage:
    """A fake that runs at the moment of the vendor's examples, with their key and bucket."""

    def __init__(self, fake: S3Fake, kernel: Kernel, port: int) -> None:
        self.fake = fake
        self.kernel = kernel
        self.port = port

    async def raw(self, request: bytes) -> Answer:
        """Send bytes on a connection of their own; return the answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(request)
            return await self.answer(reader)
        finally:
            writer.close()
            await writer.wait_closed()

    async def answer(self, reader: asyncio.StreamReader) -> Answer:
        """Read one answer up to its end or the connection's."""
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode().rstrip("\r\n").split("\r\n")
        status = int(first.split()[1])
        headers = {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in lines}
        if status == 100:
            return Answer(status, headers, b"")
        # Every request here asks for the connection to be closed; one to HEAD has no body.
        return Answer(status, headers, await reader.read())

    async def send(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        *,
        host: str = HOST,
    ) -> Answer:
        """Send a request with exactly these headers and Content-Length."""
        lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        if body or method in {"PUT", "POST"}:
            lines.append(f"Content-Length: {len(body)}")
        return await self.raw("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    async def signed(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        *,
        payload: str | None = None,
        secret: str = SECRET,
        unsigned: Mapping[str, str] | None = None,
        **headers: str,
    ) -> Answer:
        """Send a request with a signed header; underscores in names stand for dashes."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named = {
            "x-amz-content-sha256": payload or hashlib.sha256(body).hexdigest(),
            "x-amz-date": STAMP,
            **named,
        }
        bearer = authorization(method, target, {"host": HOST, **named}, secret)
        return await self.send(method, target, {**named, "Authorization": bearer, **(unsigned or {})}, body)

    async def post(
        self,
        fields: Mapping[str, str],
        data: bytes | None = b"hello",
        filename: str = "f.txt",
        *,
        host: str = HOST,
        headers: Mapping[str, str] | None = None,
        after: bytes = b"",
    ) -> Answer:
        """Send a form."""
        kind = {"Content-Type": "multipart/form-data; boundary=cut"}
        body = form_body(fields, data, filename, after)
        return await self.send("POST", "/", {**kind, **(headers or {})}, body, host=host)


@asynccontextmanager
async def running() -> AsyncIterator[Storage]:
    """Run a fake; nothing of it is left afterwards."""
    clock = FakeClock(start=FRIDAY - 60)
    clock.freeze(FRIDAY)
    seed, journal = Seed(0), Journal(clock)
    kernel = Kernel(clock, seed, journal, Faults(journal, seed))
    fake = S3Fake(kernel, region=REGION, bucket=BUCKET)
    fake.keys.add(Key(ACCESS_KEY, SECRET))
    runner = web.ServerRunner(fake.server(), shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = int(runner.addresses[0][1])
    fake.url = f"http://127.0.0.1:{port}"
    try:
        yield Storage(fake, kernel, port)
    finally:
        await fake.aclose()
        await runner.cleanup()
        clock.close()
        assert fake.spool.folder is None
