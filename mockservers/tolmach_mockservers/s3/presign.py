"""The other side of the signatures: links and forms that this storage will accept.

What it is for: whoever hands out grants, such as a fake platform, and tests. What it must not do:
I/O, or read a clock.
"""

import base64
import json
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from tolmach_mockservers.s3 import sigv4, times
from tolmach_mockservers.s3.keys import Key

__all__ = ["form_fields", "link"]


def link(
    key: Key,
    region: str,
    now: float,
    *,
    method: str,
    base: str,
    path: str,
    expires_in: int,
    query: Mapping[str, str] | None = None,
) -> str:
    """Return a presigned URL; ``base`` is ``http://host:port``, ``path`` is decoded and starts with "/"."""
    timestamp = times.basic(now)
    credential = sigv4.Credential(key.access_key, timestamp[:8], region, "s3", sigv4.TERMINAL)
    params = {
        **(query or {}),
        "X-Amz-Algorithm": sigv4.ALGORITHM,
        "X-Amz-Credential": str(credential),
        "X-Amz-Date": timestamp,
        "X-Amz-Expires": str(expires_in),
        "X-Amz-SignedHeaders": "host",
    }
    if key.token is not None:
        params["X-Amz-Security-Token"] = key.token
    encoded, asked = quote(path, safe="/"), sigv4.encoded_query(params)
    host = base.partition("://")[2]
    canonical = sigv4.canonical_request(method, encoded, asked, {"host": host}, ["host"], sigv4.UNSIGNED)
    text = sigv4.string_to_sign(timestamp, credential.scope, canonical)
    secret = sigv4.signing_key(key.secret, credential.date, region)
    return f"{base}{encoded}?{asked}&X-Amz-Signature={sigv4.sign(secret, text)}"


def form_fields(
    key: Key,
    region: str,
    now: float,
    *,
    bucket: str,
    expires_in: float,
    fields: Mapping[str, str],
    conditions: Iterable[object] = (),
) -> dict[str, str]:
    """Return the fields of a POST form: ``fields``, the signed policy, and what goes with it.

    Each of ``fields`` must come back unchanged, but ``key``: it may be any text that starts with
    what stands before ``${filename}``. ``conditions`` are added as they are.
    """
    timestamp = times.basic(now)
    credential = sigv4.Credential(key.access_key, timestamp[:8], region, "s3", sigv4.TERMINAL)
    signing = {
        "x-amz-credential": str(credential),
        "x-amz-algorithm": sigv4.ALGORITHM,
        "x-amz-date": timestamp,
    }
    if key.token is not None:
        signing["x-amz-security-token"] = key.token
    wanted: list[object] = [{"bucket": bucket}]
    for name, value in {**fields, **signing}.items():
        prefix, variable, _ = value.partition("${filename}")
        wanted.append(["starts-with", f"${name}", prefix] if variable else {name: value})
    document = {"expiration": times.xml_date(int(now + expires_in)), "conditions": [*wanted, *conditions]}
    policy = base64.b64encode(json.dumps(document, ensure_ascii=False).encode()).decode()
    secret = sigv4.signing_key(key.secret, credential.date, region)
    return {**fields, "policy": policy, **signing, "x-amz-signature": sigv4.sign(secret, policy)}
