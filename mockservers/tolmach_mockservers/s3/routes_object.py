"""Objects: put, get, head, copy, delete.

What it is for: HTTP of single objects. What it must not do: signatures; they are proved before.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

from aiohttp import web

from tolmach_mockservers.s3 import times, wire
from tolmach_mockservers.s3.address import resolve
from tolmach_mockservers.s3.attributes import read_attributes
from tolmach_mockservers.s3.body import receive, receive_document
from tolmach_mockservers.s3.call import Call, Streamed, operation, xml
from tolmach_mockservers.s3.conditions import Span, check_copy, check_read, check_write, span_of
from tolmach_mockservers.s3.errors import S3Error
from tolmach_mockservers.s3.state import Attributes, Stored, check_key

__all__ = ["checksum_headers", "copy_source"]

_PUBLIC: Final = frozenset({"public-read", "public-read-write"})
_OVERRIDES: Final = {
    "response-content-type": "Content-Type",
    "response-content-language": "Content-Language",
    "response-expires": "Expires",
    "response-cache-control": "Cache-Control",
    "response-content-disposition": "Content-Disposition",
    "response-content-encoding": "Content-Encoding",
}
_MOST_DELETED: Final = 1000


def checksum_headers(checksums: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that carry checksums."""
    return {f"x-amz-checksum-{name}": value for name, value in checksums.items()}


@operation("PutObject")
async def put_object(call: Call) -> web.StreamResponse:
    """Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html."""
    proof, bucket = call.signed, call.bucket
    check_key(call.key)
    attributes = read_attributes(call.head.headers)
    _may_write(call, call.key)
    received = await receive(call.request, call.head, proof, call.spool)
    # Somebody else may have written, or removed the bucket, while the body came.
    _may_write(call, call.key)
    bucket = call.bucket
    stored = Stored(call.key, received.blob, received.etag, call.state.now(), attributes, received.checksums)
    bucket.put(stored)
    call.note["size"] = stored.blob.size
    return web.Response(headers={"ETag": f'"{stored.etag}"', **checksum_headers(stored.checksums)})


@operation("GetObject")
async def get_object(call: Call) -> web.StreamResponse:
    """Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html."""
    return _read(call)


@operation("HeadObject")
async def head_object(call: Call) -> web.StreamResponse:
    """Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html."""
    return _read(call)


@operation("DeleteObject")
async def delete_object(call: Call) -> web.StreamResponse:
    """Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html."""
    bucket = call.bucket
    stored = bucket.objects.get(call.key)
    if "if-match" in call.head.headers:
        check_write(call.head.headers, None if stored is None else stored.etag, call.key)
    bucket.remove(call.key)
    return web.Response(status=204)


@operation("DeleteObjects")
async def delete_objects(call: Call) -> web.StreamResponse:
    """Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html."""
    proof, bucket = call.signed, call.bucket
    headers = call.head.headers
    announced = any(
        name.startswith("x-amz-checksum-") or name in {"content-md5", "x-amz-trailer"} for name in headers
    )
    if not announced:
        raise S3Error("InvalidRequest", "Missing required header for this request: Content-MD5")
    body = wire.read_document(await receive_document(call.request, call.head, proof, call.spool), "Delete")
    keys = [each.value("Key") or "" for each in body.all("Object")]
    if not keys or len(keys) > _MOST_DELETED or not all(keys):
        raise S3Error("MalformedXML")
    for key in keys:
        bucket.remove(key)
    call.note["keys"] = keys
    quiet = body.value("Quiet") == "true"
    shown = () if quiet else (wire.node("Deleted", wire.leaf("Key", key)) for key in keys)
    return xml("DeleteResult", *shown)


@operation("CopyObject")
async def copy_object(call: Call) -> web.StreamResponse:
    """Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html."""
    bucket = call.bucket
    check_key(call.key)
    headers = call.head.headers
    source_bucket, source = copy_source(call)
    check_copy(headers, source.etag, source.modified)
    directive = headers.get("x-amz-metadata-directive", "COPY")
    if directive not in {"COPY", "REPLACE"}:
        raise S3Error("InvalidArgument", "Unknown metadata directive.")
    wanted = read_attributes(headers)
    if directive == "COPY":
        changed = "x-amz-storage-class" in headers
        if source_bucket == call.bucket_name and source.key == call.key and not changed:
            raise S3Error(
                "InvalidRequest",
                "This copy request is illegal because it is trying to copy an object to itself without "
                "changing the object's metadata, storage class, website redirect location or encryption "
                "attributes.",
            )
        old = source.attributes
        wanted = Attributes(old.headers, old.metadata, wanted.storage_class, wanted.acl)
    _may_write(call, call.key)
    stored = Stored(
        call.key, source.blob, source.etag, call.state.now(), wanted, source.checksums, source.parts
    )
    bucket.put(stored)
    return xml(
        "CopyObjectResult",
        wire.leaf("LastModified", times.xml_date(stored.modified)),
        wire.leaf("ETag", f'"{stored.etag}"'),
    )


@operation("GetObjectAcl")
async def get_object_acl(call: Call) -> web.StreamResponse:
    """Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAcl.html."""
    stored = call.state.stored(call.bucket_name, call.key)
    return acl_answer(call.owner, stored.attributes.acl)


def acl_answer(owner: str, acl: str) -> web.Response:
    """Return an access control list that says what a canned one means."""
    xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    grants = [
        f'<Grant><Grantee {xsi} xsi:type="CanonicalUser">{wire.leaf("ID", owner)}</Grantee>'
        "<Permission>FULL_CONTROL</Permission></Grant>"
    ]
    if acl in _PUBLIC:
        uri = wire.leaf("URI", "http://acs.amazonaws.com/groups/global/AllUsers")
        permissions = ("READ", "WRITE") if acl == "public-read-write" else ("READ",)
        grants += [
            f'<Grant><Grantee {xsi} xsi:type="Group">{uri}</Grantee>'
            f"<Permission>{permission}</Permission></Grant>"
            for permission in permissions
        ]
    return xml(
        "AccessControlPolicy",
        wire.node("Owner", wire.leaf("ID", owner)),
        wire.node("AccessControlList", *grants),
    )


def copy_source(call: Call) -> tuple[str, Stored]:
    """Return bucket and object that ``x-amz-copy-source`` names."""
    given = call.head.headers["x-amz-copy-source"]
    path, _, version = given.partition("?")
    if version and version != "versionId=null":
        raise S3Error("NotImplemented", extra={"Header": "x-amz-copy-source"})
    address = resolve("", path if path.startswith("/") else f"/{path}")
    if address.bucket is None or address.key is None:
        raise S3Error(
            "InvalidArgument",
            "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
            {"ArgumentName": "x-amz-copy-source", "ArgumentValue": unquote(given)},
        )
    return address.bucket, call.state.stored(address.bucket, address.key)


def _may_write(call: Call, key: str) -> None:
    present = call.bucket.objects.get(key)
    check_write(call.head.headers, None if present is None else present.etag, key)


def _read(call: Call) -> web.StreamResponse:
    bucket = call.state.buckets.get(call.bucket_name)
    stored = None if bucket is None else bucket.objects.get(call.key)
    if call.proof is None:
        if stored is None or stored.attributes.acl not in _PUBLIC:
            raise S3Error("AccessDenied")
        if any(name in call.head.params for name in _OVERRIDES):
            raise S3Error(
                "InvalidRequest",
                "Request specific response headers cannot be used for anonymous GET requests.",
            )
    if stored is None:
        stored = call.state.stored(call.bucket_name, call.key)
    headers = call.head.headers
    check_read(headers, stored.etag, stored.modified)
    span, status = span_of(headers.get("range"), stored.blob.size), 200
    answered = _described(stored, whole=span is None, checksums="x-amz-checksum-mode" in headers)
    if "partNumber" in call.head.params:
        span = _part_span(call, stored)
        answered["x-amz-mp-parts-count"] = str(len(stored.parts) or 1)
    for name, shown in _OVERRIDES.items():
        if name in call.head.params:
            answered[shown] = _one_line(name, call.head.params[name])
    start, stop = 0, stored.blob.size
    if span is not None:
        start, stop, status = span.start, span.stop, 206
        answered["Content-Range"] = f"bytes {start}-{max(start, stop - 1)}/{stored.blob.size}"
    call.note["size"] = stop - start
    data = stored.blob.in_memory
    if call.operation == "GetObject" and data is not None:
        return web.Response(body=data[start:stop] if span else data, status=status, headers=answered)
    response = web.StreamResponse(status=status, headers=answered)
    response.content_length = stop - start
    if call.operation == "GetObject":
        call.pending = Streamed(stored.blob, start, stop)
    return response


def _described(stored: Stored, *, whole: bool, checksums: bool) -> dict[str, str]:
    attributes = stored.attributes
    headers = {
        "Last-Modified": times.http_date(stored.modified),
        "ETag": f'"{stored.etag}"',
        "Accept-Ranges": "bytes",
        **attributes.headers,
        **{f"x-amz-meta-{name}": value for name, value in attributes.metadata.items()},
    }
    if attributes.storage_class != "STANDARD":
        headers["x-amz-storage-class"] = attributes.storage_class
    if checksums and whole:
        headers |= checksum_headers(stored.checksums)
    return headers


def _part_span(call: Call, stored: Stored) -> Span:
    given = call.param("partNumber")
    number = int(given) if given.isascii() and given.isdecimal() and len(given) < 6 else 0
    sizes = stored.parts or (stored.blob.size,)
    if number < 1:
        raise S3Error(
            "InvalidArgument",
            "Part number must be an integer between 1 and 10000, inclusive",
            {"ArgumentName": "partNumber", "ArgumentValue": given},
        )
    if number > len(sizes):
        raise S3Error(
            "InvalidPartNumber",
            "The requested partnumber is not satisfiable",
            {"PartNumberRequested": given, "ActualPartCount": str(len(sizes))},
            status=416,
        )
    start = sum(sizes[: number - 1])
    return Span(start, start + sizes[number - 1])


def _one_line(name: str, value: str) -> str:
    if any(ord(each) < 32 for each in value):
        raise S3Error("InvalidArgument", extra={"ArgumentName": name, "ArgumentValue": repr(value)})
    return value.encode("utf-8", "replace").decode()
