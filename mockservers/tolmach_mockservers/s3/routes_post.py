"""POST of a form: an upload that a browser, or anybody with a grant, makes.

What it is for: the order of checks: form, signature, bucket, policy, size. What it must not do: the
checks themselves; `form`, `auth` and `policy` have them.
Source: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from aiohttp import web

from tolmach_mockservers.s3 import wire
from tolmach_mockservers.s3.attributes import read_attributes
from tolmach_mockservers.s3.auth import prove_form
from tolmach_mockservers.s3.body import LARGEST, pieces
from tolmach_mockservers.s3.call import Call, operation, xml
from tolmach_mockservers.s3.digests import Digests
from tolmach_mockservers.s3.errors import S3Error
from tolmach_mockservers.s3.form import Form, boundary_of
from tolmach_mockservers.s3.policy import (
    UNCHECKED,
    Policy,
    check_fields,
    check_size,
    parse_policy,
    with_filename,
)
from tolmach_mockservers.s3.spool import Writer
from tolmach_mockservers.s3.state import Attributes, Stored, check_key

__all__: list[str] = []


@operation("PostObject")
async def post_object(call: Call) -> web.StreamResponse:
    """Source: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html."""
    form = _opened(call)
    writer = call.spool.writer()
    try:
        return await _taken(call, form, writer)
    finally:
        writer.discard()


async def _taken(call: Call, form: Form, writer: Writer) -> web.StreamResponse:
    begun: _Begun | None = None
    async for piece in pieces(call.request):
        found = form.receive(piece)
        if begun is None and form.at_file:
            begun = _begin(call, form)
        if begun is None:
            continue
        for data in found:
            begun.digests.update(data)
            writer.write(data)
        if writer.size > begun.most:
            # The rest need not be read to know; how much would have come is in the head.
            proposed = max(writer.size, call.request.content_length or 0)
            raise S3Error(
                "EntityTooLarge", extra={"ProposedSize": str(proposed), "MaxSizeAllowed": str(begun.most)}
            )
    form.close()
    if begun is None:
        raise S3Error("MalformedPOSTRequest")
    check_size(begun.policy, writer.size)
    checksums = begun.digests.finish()
    # The bucket may have gone while the file came.
    bucket = call.bucket
    stored = Stored(
        call.key, writer.blob(), begun.digests.etag, call.state.now(), begun.attributes, checksums
    )
    bucket.put(stored)
    call.note["size"] = stored.blob.size
    return _answer(call, form.fields, stored)


@dataclass(frozen=True, slots=True)
class _Begun:
    """Hold what the fields said, once they are judged; ``most`` is the largest file in bytes."""

    policy: Policy
    digests: Digests
    attributes: Attributes
    most: int


def _begin(call: Call, form: Form) -> _Begun:
    """Judge the fields, before the file is read."""
    fields = form.fields
    # Every field knows the variable, but what is signed stays as it was signed.
    for name, value in fields.items():
        if name not in UNCHECKED:
            fields[name] = with_filename(value, form.filename)
    if "key" not in fields:
        raise S3Error(
            "InvalidArgument",
            "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of "
            "the fields.",
            {"ArgumentName": "key", "ArgumentValue": ""},
        )
    call.key = fields["key"]
    if not call.key:
        raise S3Error(
            "InvalidArgument",
            "User key must have a length greater than 0.",
            {"ArgumentName": "key", "ArgumentValue": ""},
        )
    if "policy" not in fields:
        raise S3Error("AccessDenied")
    key = prove_form(fields, call.keys, call.region, call.now)
    call.note["access_key"] = key.access_key
    _found = call.bucket
    policy = parse_policy(fields["policy"])
    now = datetime.fromtimestamp(call.now, UTC)
    check_fields(policy, fields, call.bucket_name, now)
    check_key(call.key)
    most = LARGEST if policy.most is None else min(LARGEST, policy.most)
    return _Begun(policy, Digests(fields), read_attributes(fields), most)


def _opened(call: Call) -> Form:
    headers = call.head.headers
    if "authorization" in headers:
        raise S3Error(
            "InvalidArgument",
            "Unsupported Authorization Type"
            if not headers["authorization"].startswith("AWS")
            else "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature "
            "query string parameter or the Authorization header should be specified",
            {"ArgumentName": "Authorization", "ArgumentValue": headers["authorization"]},
        )
    boundary = boundary_of(headers.get("content-type", ""))
    if boundary is None:
        raise S3Error(
            "PreconditionFailed",
            extra={"Condition": "Bucket POST must be of the enclosure-type multipart/form-data"},
        )
    if "content-length" not in headers:
        raise S3Error("MissingContentLength")
    return Form(boundary)


def _answer(call: Call, fields: Mapping[str, str], stored: Stored) -> web.StreamResponse:
    etag = f'"{stored.etag}"'
    location = f"http://{call.head.headers.get('host', '')}/{call.bucket_name}/{quote(stored.key)}"
    headers = {"ETag": etag, "Location": location}
    target = _redirect(fields, call.bucket_name, stored.key, etag)
    if target is not None:
        return web.Response(status=303, headers={**headers, "Location": target})
    match fields.get("success_action_status"):
        case "200":
            return web.Response(headers=headers)
        case "201":
            return xml(
                "PostResponse",
                wire.leaf("Location", location),
                wire.leaf("Bucket", call.bucket_name),
                wire.leaf("Key", stored.key),
                wire.leaf("ETag", etag),
                status=201,
                headers=headers,
            )
        case _:
            return web.Response(status=204, headers=headers)


def _redirect(fields: Mapping[str, str], bucket: str, key: str, etag: str) -> str | None:
    """Return where a form wants its sender to go; None for nowhere, or nowhere sensible."""
    wanted = fields.get("success_action_redirect") or fields.get("redirect") or ""
    if any(ord(each) < 33 or ord(each) > 126 for each in wanted):
        return None
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return None
    query = [
        *parse_qsl(parts.query, keep_blank_values=True),
        ("bucket", bucket),
        ("key", key),
        ("etag", etag),
    ]
    return urlunsplit(parts._replace(query=urlencode(query)))
