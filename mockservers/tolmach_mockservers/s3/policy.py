"""The policy of a POST form: reading the document and holding a form against it.

What it is for: every kind of condition, in array and object form, as S3 judges them. What it must
not do: I/O, read a clock, or check a signature. It accepts nothing that it does not understand.
Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, Literal, NoReturn, cast

from tolmach_mockservers.s3.errors import S3Error

__all__ = [
    "UNCHECKED",
    "Condition",
    "Policy",
    "SizeRange",
    "check_fields",
    "check_size",
    "parse_policy",
    "with_filename",
]

FILENAME: Final = "${filename}"
UNCHECKED: Final = frozenset({"file", "policy", "x-amz-signature", "signature", "awsaccesskeyid"})
"""Fields that need no condition."""

_IGNORED_PREFIX: Final = "x-ignore-"


@dataclass(frozen=True, slots=True)
class Condition:
    """Want a field to equal ``value`` or to start with it; ``field`` is in lower case without "$"."""

    kind: Literal["eq", "starts-with"]
    field: str
    value: str
    written: str

    def met(self, given: str) -> bool:
        """Whether a field's value is as wanted; a list of content types is judged one by one."""
        if self.kind == "eq":
            return given == self.value
        if self.field == "content-type" and "," in given and "," not in self.value:
            return all(each.strip().startswith(self.value) for each in given.split(","))
        return given.startswith(self.value)

    def __str__(self) -> str:
        return json.dumps([self.kind, f"${self.written}", self.value], ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class SizeRange:
    """Want the file to have at least ``least`` and at most ``most`` bytes."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Policy:
    """Hold what a form must be; ``expires`` is aware, ``least`` and ``most`` are bytes of the file."""

    expires: datetime
    conditions: tuple[Condition, ...]
    least: int = 0
    most: int | None = None


@lru_cache(maxsize=64)
def parse_policy(encoded: str) -> Policy:
    """Read the field ``policy``: JSON in base64. What cannot be read is `InvalidPolicyDocument`."""
    try:
        # Line breaks and blanks come from forms that were filled by hand; other strays are refused.
        raw = base64.b64decode("".join(encoded.split()).encode("ascii"), validate=True)
        document: object = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
    except (binascii.Error, ValueError, RecursionError) as error:
        raise _invalid("Invalid JSON.") from error
    if not isinstance(document, dict):
        raise _invalid("Invalid JSON.")
    fields = {str(name).lower(): value for name, value in cast("dict[str, object]", document).items()}
    unexpected = set(fields) - {"expiration", "conditions"}
    if unexpected:
        raise _invalid(f"Unexpected: '{min(unexpected)}'")
    if "expiration" not in fields:
        raise _invalid("Policy missing expiration.")
    if "conditions" not in fields:
        raise _invalid("Policy missing conditions.")
    given = fields["conditions"]
    if not isinstance(given, list):
        raise _invalid("Conditions must be a list.")
    conditions: list[Condition] = []
    sizes: list[SizeRange] = []
    for each in cast("list[object]", given):
        read = _condition(each)
        if isinstance(read, SizeRange):
            sizes.append(read)
        else:
            conditions.append(read)
    return Policy(
        _expiration(fields["expiration"]),
        tuple(conditions),
        # Several ranges must all hold.
        max((each.least for each in sizes), default=0),
        min((each.most for each in sizes), default=None),
    )


def check_fields(policy: Policy, fields: Mapping[str, str], bucket: str, now: datetime) -> None:
    """Hold the expanded fields (names in lower case) and the bucket that was addressed against a policy.

    Expiry first, then every condition in the policy's order, then fields that no condition names.
    A field ``bucket`` never stands for the bucket that was addressed.
    """
    if now >= policy.expires:
        raise S3Error("AccessDenied", "Invalid according to Policy: Policy expired.")
    values = {**fields, "bucket": bucket}
    named: set[str] = set()
    for condition in policy.conditions:
        named.add(condition.field)
        given = values.get(condition.field)
        # A field that is absent meets only an empty prefix.
        if not condition.met(given or "") or (given is None and condition.kind == "eq"):
            raise S3Error(
                "AccessDenied", f"Invalid according to Policy: Policy Condition failed: {condition}"
            )
    extra = [
        name
        for name in fields
        if name not in named and name not in UNCHECKED and not name.startswith(_IGNORED_PREFIX)
    ]
    if extra:
        raise S3Error("AccessDenied", f"Invalid according to Policy: Extra input fields: {', '.join(extra)}")


def check_size(policy: Policy, size: int) -> None:
    """Hold the file's size in bytes against a policy."""
    most = policy.most
    if most is not None and size > most:
        raise S3Error("EntityTooLarge", extra={"ProposedSize": str(size), "MaxSizeAllowed": str(most)})
    if size < policy.least:
        raise S3Error(
            "EntityTooSmall", extra={"ProposedSize": str(size), "MinSizeAllowed": str(policy.least)}
        )


def with_filename(value: str, filename: str) -> str:
    """Put the file's own name, without folders, in the place of ``${filename}``."""
    if FILENAME not in value:
        return value
    return value.replace(FILENAME, filename.replace("\\", "/").rpartition("/")[2])


def _condition(given: object) -> Condition | SizeRange:
    if isinstance(given, dict):
        pairs = list(cast("dict[str, object]", given).items())
        if len(pairs) != 1:
            raise _invalid(
                "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified."
            )
        name, value = pairs[0]
        if not isinstance(value, str):
            raise _invalid("Invalid Simple-Condition: value must be a string.")
        return Condition("eq", name.lower(), value, name)
    if not isinstance(given, list) or len(cast("list[object]", given)) != 3:
        raise _invalid("Invalid Condition: a condition must be an object or a list of three.")
    operator, first, second = cast("list[object]", given)
    if not isinstance(operator, str):
        raise _invalid("Invalid Condition: the operation must be a string.")
    match operator.lower():
        case "content-length-range":
            return SizeRange(_whole(first), _whole(second))
        case ("eq" | "starts-with") as kind:
            if not isinstance(first, str) or not isinstance(second, str):
                raise _invalid(f"Invalid {operator}: field and value must be strings.")
            if not first.startswith("$") or len(first) < 2:
                raise _invalid(f"Invalid {operator}: a field must start with '$'.")
            return Condition(kind, first[1:].lower(), second, first[1:])
        case _:
            raise _invalid(f"Invalid Condition: unknown operation '{operator}'.")


def _whole(value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 20:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _invalid("Invalid content-length-range: whole numbers are expected.")
    return value


def _expiration(value: object) -> datetime:
    if isinstance(value, str) and value.endswith("Z"):
        for shape in ("%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%dT%H:%M:%SZ"):
            try:
                return datetime.strptime(value, shape).replace(tzinfo=UTC)
            except ValueError:
                continue
    raise _invalid(f"Invalid 'expiration' value: '{value}'")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _invalid(what: str) -> S3Error:
    return S3Error("InvalidPolicyDocument", f"Invalid Policy: {what}")
