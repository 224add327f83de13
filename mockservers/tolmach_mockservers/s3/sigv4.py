"""AWS Signature Version 4 as arithmetic: canonical request, string to sign, signing key, signature.

What it is for: both verifying and presigning, for requests, chunks, trailers and POST policies.
What it must not do: I/O, read a clock, or decide what is refused; `auth` does that.
Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import quote, unquote_plus, unquote_to_bytes

__all__ = [
    "ALGORITHM",
    "EMPTY_SHA256",
    "TERMINAL",
    "UNSIGNED",
    "Credential",
    "canonical_headers",
    "canonical_path",
    "canonical_query",
    "canonical_request",
    "chunk_to_sign",
    "encoded_query",
    "parse_credential",
    "parse_query",
    "same",
    "sign",
    "signing_key",
    "string_to_sign",
    "trailer_to_sign",
]

ALGORITHM: Final = "AWS4-HMAC-SHA256"
UNSIGNED: Final = "UNSIGNED-PAYLOAD"
EMPTY_SHA256: Final = hashlib.sha256(b"").hexdigest()
TERMINAL: Final = "aws4_request"

_PLAIN_PATH: Final = re.compile(r"[A-Za-z0-9\-._~/]*")
_PLAIN: Final = re.compile(r"[A-Za-z0-9\-._~]*")
_OTHERWISE: Final = re.compile(
    r"[^A-Za-z0-9\-._~&=%]|%(?!(?:[0189A-F][0-9A-F]|2[0-9A-CF]|3[A-F]|40|5[B-E]|60|7[B-DF]))"
)
"""What is written otherwise than in a canonical query."""

_SPACES: Final = re.compile(r" {2,}")


@dataclass(frozen=True, slots=True)
class Credential:
    """Hold who signed, and the scope: ``date`` is YYYYMMDD."""

    access_key: str
    date: str
    region: str
    service: str
    terminal: str

    @property
    def scope(self) -> str:
        """Return the scope as it stands in the string to sign."""
        return f"{self.date}/{self.region}/{self.service}/{self.terminal}"

    def __str__(self) -> str:
        return f"{self.access_key}/{self.scope}"


@lru_cache(maxsize=64)
def parse_credential(text: str) -> Credential | None:
    """Read ``KEY/DATE/REGION/SERVICE/aws4_request``; None when it has another shape."""
    parts = text.rsplit("/", 4)
    if len(parts) != 5 or not all(parts):
        return None
    return Credential(*parts)


@lru_cache(maxsize=256)
def signing_key(secret: str, date: str, region: str, service: str = "s3") -> bytes:
    """Derive the key that signs in one scope."""
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, TERMINAL):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def sign(key: bytes, text: str) -> str:
    """Return the signature of ``text`` in lower-case hexadecimal."""
    return hmac.digest(key, text.encode("utf-8", "surrogateescape"), "sha256").hex()


def same(expected: str, given: str) -> bool:
    """Compare signatures in constant time; any text may be given."""
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogatepass"))


def canonical_path(raw: str) -> str:
    """Return a percent-encoded path, encoded once by the rules of S3, however it was encoded."""
    if _PLAIN_PATH.fullmatch(raw):
        return raw or "/"
    return quote(unquote_to_bytes(raw), safe="/")


def parse_query(raw: str) -> list[tuple[str, str]]:
    """Return the decoded pairs of a query, in its order; a name without "=" has an empty value."""
    return [(_decoded(name), _decoded(value)) for name, value in _pairs(raw)]


def canonical_query(raw: str, without: str | None = None) -> str:
    """Return a query encoded and sorted, leaving out the parameter ``without``."""
    pairs = _pairs(raw)
    if _OTHERWISE.search(raw):
        pairs = [(_encoded(_decoded(name)), _encoded(_decoded(value))) for name, value in pairs]
    pairs.sort()
    return "&".join([f"{name}={value}" for name, value in pairs if name != without])


def encoded_query(params: Mapping[str, str]) -> str:
    """Return parameters as a canonical query."""
    return canonical_query("&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in params.items()))


def canonical_headers(headers: Mapping[str, str], signed: Iterable[str]) -> str:
    """Return the block of signed headers, from lower-case names; an absent one counts as empty."""
    lines: list[str] = []
    for name in signed:
        value = headers.get(name, "").strip()
        lines.append(f"{name}:{_SPACES.sub(' ', value) if '  ' in value else value}\n")
    return "".join(lines)


def canonical_request(
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    signed: Sequence[str],
    payload: str,
) -> str:
    """Return the canonical request; ``path`` and ``query`` are canonical already, ``payload`` a hash."""
    block = canonical_headers(headers, signed)
    return f"{method}\n{path}\n{query}\n{block}\n{';'.join(signed)}\n{payload}"


def string_to_sign(timestamp: str, scope: str, canonical: str) -> str:
    """Return what a request's signature is made of; ``timestamp`` is like 20130524T000000Z."""
    digest = hashlib.sha256(canonical.encode("utf-8", "surrogateescape")).hexdigest()
    return f"{ALGORITHM}\n{timestamp}\n{scope}\n{digest}"


def chunk_to_sign(timestamp: str, scope: str, previous: str, digest: str) -> str:
    """Return what a chunk's signature is made of; ``digest`` is the chunk's SHA-256."""
    return f"{ALGORITHM}-PAYLOAD\n{timestamp}\n{scope}\n{previous}\n{EMPTY_SHA256}\n{digest}"


def trailer_to_sign(timestamp: str, scope: str, previous: str, trailers: Iterable[tuple[str, str]]) -> str:
    """Return what a trailer's signature is made of."""
    block = "".join(f"{name}:{value}\n" for name, value in trailers)
    return (
        f"{ALGORITHM}-TRAILER\n{timestamp}\n{scope}\n{previous}\n{hashlib.sha256(block.encode()).hexdigest()}"
    )


def _pairs(raw: str) -> list[tuple[str, str]]:
    pieces = [piece.partition("=") for piece in raw.split("&") if piece]
    return [(name, value) for name, _, value in pieces]


def _decoded(text: str) -> str:
    return _unquoted(text) if "%" in text or "+" in text else text


@lru_cache(maxsize=256)
def _unquoted(text: str) -> str:
    return unquote_plus(text, errors="surrogateescape")


def _encoded(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else quote(text, safe="", errors="surrogateescape")
