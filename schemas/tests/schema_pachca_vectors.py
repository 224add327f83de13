"""The vectors of signatures and of POST policies, typed.

What it is for: reading the files once for all who judge them. What it must not do: judge.
"""

from typing import NotRequired, TypedDict, cast

from tolmach_schemas import load

__all__ = ["FORMS", "POLICIES", "SIGNATURES", "Form", "Policy", "Vector", "raw"]


class Vector(TypedDict, total=False):
    name: str
    source: str
    secret: str
    body: str
    body_hex: str
    signature: str
    valid: bool


class Form(TypedDict):
    name: str
    change: dict[str, str]
    drop: str | None
    now: str
    size: int
    accepted: bool
    code: NotRequired[str]
    key: NotRequired[str]


class Policy(TypedDict):
    name: str
    secret_key: str
    date: str
    region: str
    bucket: str
    policy: str
    signature: str
    fields: dict[str, str]
    forms: list[Form]


SIGNATURES = cast("list[Vector]", load("vectors/pachca_signature")["vectors"])
POLICIES = cast("list[Policy]", load("vectors/post_policy")["policies"])
FORMS = [(policy, form) for policy in POLICIES for form in policy["forms"]]


def raw(vector: Vector) -> bytes:
    """Return the body as it travels."""
    return bytes.fromhex(vector["body_hex"]) if "body_hex" in vector else vector["body"].encode()
