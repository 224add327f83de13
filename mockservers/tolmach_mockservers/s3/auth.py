"""May this request pass? Signatures in headers, in the query, and in the fields of a POST form.

What it is for: the refusals of authentication, in the order and words of S3. What it must not do:
I/O, or read a clock; the body's own signatures are judged by `chunked` and `body`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NoReturn

from tolmach_mockservers.s3 import sigv4, times
from tolmach_mockservers.s3.chunked import ChunkSigner
from tolmach_mockservers.s3.errors import S3Error
from tolmach_mockservers.s3.keys import Key, Keyring
from tolmach_mockservers.s3.sigv4 import Credential

__all__ = ["STREAMING", "Head", "Proof", "prove", "prove_form"]

MOST_SKEW: Final = 900.0
LONGEST: Final = 604_800
STREAMING: Final = "STREAMING-"
_CHUNKS_SIGNED: Final = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
_MODES: Final = frozenset(
    {
        sigv4.UNSIGNED,
        _CHUNKS_SIGNED,
        f"{_CHUNKS_SIGNED}-TRAILER",
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    }
)
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_QUERY_NEEDS: Final = (
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Signature",
    "X-Amz-Date",
    "X-Amz-SignedHeaders",
    "X-Amz-Expires",
)
_UNSUPPORTED: Final = (
    "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
)
_ONE_ONLY: Final = (
    "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string "
    "parameter or the Authorization header should be specified"
)


@dataclass(slots=True)
class Head:
    """Hold what a request says before its body: ``headers`` by lower-case name, ``path`` still encoded."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    params: dict[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        if self.query:
            for name, value in sigv4.parse_query(self.query):
                self.params.setdefault(name, value)


@dataclass(frozen=True, slots=True)
class Proof:
    """Say who signed, and what the body must be: ``payload`` is a SHA-256 or one of the modes."""

    access_key: str
    payload: str
    signer: ChunkSigner | None = None


@dataclass(frozen=True, slots=True)
class _Signed:
    credential: Credential
    timestamp: str
    names: Sequence[str]
    signature: str
    payload: str


def prove(head: Head, keys: Keyring, region: str, now: float) -> Proof | None:
    """Return who signed a request; None when it bears no signature at all."""
    authorization = head.headers.get("authorization")
    if authorization is not None:
        if "X-Amz-Algorithm" in head.params or "Signature" in head.params:
            raise S3Error(
                "InvalidArgument",
                _ONE_ONLY,
                {"ArgumentName": "Authorization", "ArgumentValue": authorization},
            )
        signed = _from_header(authorization, head, region, now)
        token = head.headers.get("x-amz-security-token")
    elif "X-Amz-Algorithm" in head.params or "X-Amz-Signature" in head.params:
        signed = _from_query(head, region, now)
        token = head.params.get("X-Amz-Security-Token")
    elif "Signature" in head.params and "AWSAccessKeyId" in head.params:
        raise S3Error("InvalidRequest", _UNSUPPORTED)
    else:
        return None
    key = keys.find(signed.credential.access_key, token, now)
    _all_signed(head, signed.names)
    return _compare(head, signed, key)


def prove_form(fields: Mapping[str, str], keys: Keyring, region: str, now: float) -> Key:
    """Return the key that signed a form's policy; the policy itself is judged by `policy`."""
    if "awsaccesskeyid" in fields or "signature" in fields:
        raise S3Error("InvalidRequest", _UNSUPPORTED)
    for name in ("x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature"):
        if name not in fields:
            shown = "-".join(part.capitalize() for part in name.split("-"))
            raise S3Error(
                "InvalidArgument",
                f"Bucket POST must contain a field named '{shown}'.  If it is specified, please check the "
                "order of the fields.",
                {"ArgumentName": shown, "ArgumentValue": ""},
            )
    if fields["x-amz-algorithm"] != sigv4.ALGORITHM:
        raise S3Error(
            "InvalidArgument",
            f'X-Amz-Algorithm only supports "{sigv4.ALGORITHM}"',
            {"ArgumentName": "X-Amz-Algorithm", "ArgumentValue": fields["x-amz-algorithm"]},
        )
    timestamp = fields["x-amz-date"]
    if times.from_basic(timestamp) is None:
        raise S3Error(
            "InvalidArgument",
            "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"",
            {"ArgumentName": "X-Amz-Date", "ArgumentValue": timestamp},
        )
    credential = _credential(fields["x-amz-credential"], timestamp, region, _form_problem)
    key = keys.find(credential.access_key, fields.get("x-amz-security-token"), now)
    policy = fields["policy"]
    secret = sigv4.signing_key(key.secret, credential.date, credential.region)
    if not sigv4.same(sigv4.sign(secret, policy), fields["x-amz-signature"]):
        raise S3Error(
            "SignatureDoesNotMatch",
            extra={
                "AWSAccessKeyId": key.access_key,
                "StringToSign": policy,
                "SignatureProvided": fields["x-amz-signature"],
                "StringToSignBytes": _spelled(policy),
            },
        )
    return key


def _from_header(text: str, head: Head, region: str, now: float) -> _Signed:
    kind, _, rest = text.partition(" ")
    if kind != sigv4.ALGORITHM:
        if kind == "AWS":
            raise S3Error("InvalidRequest", _UNSUPPORTED)
        raise S3Error(
            "InvalidArgument",
            "Unsupported Authorization Type",
            {"ArgumentName": "Authorization", "ArgumentValue": text},
        )
    parts: dict[str, str] = {}
    for piece in rest.split(","):
        name, _, value = piece.strip().partition("=")
        parts[name] = value
    names = parts.get("SignedHeaders", "")
    signature = parts.get("Signature", "")
    if not parts.get("Credential") or not names or not signature:
        _header_problem(
            "the authorization header requires three components: Credential, SignedHeaders, and Signature."
        )
    timestamp = head.headers.get("x-amz-date")
    moment = None if timestamp is None else times.from_basic(timestamp)
    if timestamp is None:
        timestamp = head.headers.get("date", "")
        moment = times.from_basic(timestamp)
        if moment is None:
            moment = times.from_http(timestamp)
            timestamp = "" if moment is None else times.basic(moment)
    if moment is None:
        raise S3Error("AccessDenied", "AWS authentication requires a valid Date or x-amz-date header")
    credential = _credential(parts["Credential"], timestamp, region, _header_problem)
    if abs(now - moment) > MOST_SKEW:
        raise S3Error(
            "RequestTimeTooSkewed",
            extra={
                "RequestTime": timestamp,
                "ServerTime": times.xml_date(int(now)).replace(".000", ""),
                "MaxAllowedSkewMilliseconds": str(int(MOST_SKEW * 1000)),
            },
        )
    payload = head.headers.get("x-amz-content-sha256")
    if payload is None:
        raise S3Error("InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
    return _Signed(credential, timestamp, names.split(";"), signature, _mode(payload))


def _from_query(head: Head, region: str, now: float) -> _Signed:
    params = head.params
    if any(not params.get(name) for name in _QUERY_NEEDS):
        raise S3Error("AuthorizationQueryParametersError")
    if params["X-Amz-Algorithm"] != sigv4.ALGORITHM:
        _query_problem(f'X-Amz-Algorithm only supports "{sigv4.ALGORITHM}"', whole=True)
    timestamp = params["X-Amz-Date"]
    moment = times.from_basic(timestamp)
    if moment is None:
        _query_problem("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"", whole=True)
    credential = _credential(params["X-Amz-Credential"], timestamp, region, _query_problem)
    given = params["X-Amz-Expires"]
    if not given.isascii() or not given.removeprefix("-").isdecimal() or len(given) > 18:
        _query_problem("X-Amz-Expires should be a number", whole=True)
    lasts = int(given)
    if lasts < 0:
        _query_problem("X-Amz-Expires must be non-negative", whole=True)
    if lasts > LONGEST:
        _query_problem(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be "
            f"less than {LONGEST} seconds",
            whole=True,
        )
    if moment - now > MOST_SKEW:
        raise S3Error("AccessDenied", "Request is not valid yet")
    if now >= moment + lasts:
        raise S3Error(
            "AccessDenied",
            "Request has expired",
            {
                "X-Amz-Expires": given,
                "Expires": times.xml_date(int(moment + lasts)).replace(".000", ""),
                "ServerTime": times.xml_date(int(now)).replace(".000", ""),
            },
        )
    payload = params.get("X-Amz-Content-Sha256") or head.headers.get("x-amz-content-sha256")
    names = params["X-Amz-SignedHeaders"].split(";")
    return _Signed(credential, timestamp, names, params["X-Amz-Signature"], _mode(payload or sigv4.UNSIGNED))


def _compare(head: Head, signed: _Signed, key: Key) -> Proof:
    canonical = sigv4.canonical_request(
        head.method,
        sigv4.canonical_path(head.path),
        sigv4.canonical_query(head.query, "X-Amz-Signature"),
        head.headers,
        signed.names,
        signed.payload,
    )
    scope = signed.credential.scope
    text = sigv4.string_to_sign(signed.timestamp, scope, canonical)
    secret = sigv4.signing_key(key.secret, signed.credential.date, signed.credential.region)
    expected = sigv4.sign(secret, text)
    if not sigv4.same(expected, signed.signature):
        raise S3Error(
            "SignatureDoesNotMatch",
            extra={
                "AWSAccessKeyId": key.access_key,
                "StringToSign": text,
                "SignatureProvided": signed.signature,
                "StringToSignBytes": _spelled(text),
                "CanonicalRequest": canonical,
                "CanonicalRequestBytes": _spelled(canonical),
            },
        )
    signer = None
    if signed.payload.startswith(_CHUNKS_SIGNED):
        signer = ChunkSigner(secret, signed.timestamp, scope, expected)
    return Proof(key.access_key, signed.payload, signer)


def _all_signed(head: Head, names: Sequence[str]) -> None:
    missing = [
        name for name in head.headers if name not in names and (name == "host" or name.startswith("x-amz-"))
    ]
    if missing:
        raise S3Error(
            "AccessDenied",
            "There were headers present in the request which were not signed",
            {"HeadersNotSigned": ", ".join(missing)},
        )


def _mode(payload: str) -> str:
    if payload not in _MODES and not _SHA256.fullmatch(payload):
        allowed = ", ".join(sorted(_MODES, reverse=True))
        raise S3Error(
            "InvalidArgument",
            f"x-amz-content-sha256 must be {allowed}, or a valid sha256 value.",
            {"ArgumentName": "x-amz-content-sha256", "ArgumentValue": payload},
        )
    return payload


class _Problem:
    """Refuse a credential in the words of the place where it stood."""

    def __init__(self, code: str, lead: str) -> None:
        self._code = code
        self._lead = lead

    def __call__(self, what: str, extra: Mapping[str, str] | None = None, *, whole: bool = False) -> NoReturn:
        raise S3Error(self._code, what if whole else f"{self._lead}; {what}", extra)


_header_problem: Final = _Problem("AuthorizationHeaderMalformed", "The authorization header is malformed")
_query_problem: Final = _Problem(
    "AuthorizationQueryParametersError", "Error parsing the X-Amz-Credential parameter"
)
_form_problem: Final = _Problem(
    "AuthorizationQueryParametersError", "Error parsing the X-Amz-Credential parameter"
)


def _credential(text: str, timestamp: str, region: str, problem: _Problem) -> Credential:
    found = sigv4.parse_credential(text)
    if found is None:
        problem('the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".')
    if found.terminal != sigv4.TERMINAL:
        problem(f'incorrect terminal "{found.terminal}". This endpoint uses "{sigv4.TERMINAL}".')
    if found.service != "s3":
        problem(f'incorrect service "{found.service}". This endpoint belongs to "s3".')
    if found.region != region:
        problem(f"the region '{found.region}' is wrong; expecting '{region}'", {"Region": region})
    if found.date != timestamp[:8]:
        problem(
            f'Invalid credential date "{found.date}". This date is not the same as X-Amz-Date: '
            f'"{timestamp[:8]}".'
        )
    return found


def _spelled(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").hex(" ")
