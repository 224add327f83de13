"""Multipart uploads: begin, send and copy parts, list, complete, abort.

What it is for: HTTP of uploads in parts. What it must not do: rules of joining; `state` has them.
"""

from typing import Final

from aiohttp import web

from tolmach_mockservers.s3 import times, wire
from tolmach_mockservers.s3.attributes import read_attributes
from tolmach_mockservers.s3.body import receive, receive_document
from tolmach_mockservers.s3.call import Call, operation, xml
from tolmach_mockservers.s3.conditions import check_copy, check_write, span_of
from tolmach_mockservers.s3.errors import S3Error
from tolmach_mockservers.s3.routes_bucket import Spelling, limit_of
from tolmach_mockservers.s3.routes_object import checksum_headers, copy_source
from tolmach_mockservers.s3.spool import Blob
from tolmach_mockservers.s3.state import MOST_PARTS, Part, Upload

__all__: list[str] = []

_COPY_BLOCK: Final = "x-amz-copy-source-range"


@operation("CreateMultipartUpload")
async def create_multipart_upload(call: Call) -> web.StreamResponse:
    """Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html."""
    proof, bucket = call.signed, call.bucket
    attributes = read_attributes(call.head.headers)
    upload = call.state.begin_upload(bucket.name, call.key, proof.access_key, attributes)
    return xml(
        "InitiateMultipartUploadResult",
        wire.leaf("Bucket", bucket.name),
        wire.leaf("Key", call.key),
        wire.leaf("UploadId", upload.id),
    )


@operation("UploadPart")
async def upload_part(call: Call) -> web.StreamResponse:
    """Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html."""
    proof = call.signed
    number = _number(call)
    _upload(call)
    received = await receive(call.request, call.head, proof, call.spool)
    # The upload may have been aborted while the body came.
    _upload(call).parts[number] = Part(
        number, received.blob, received.etag, call.state.now(), received.checksums
    )
    call.note |= {"part": number, "size": received.blob.size}
    return web.Response(headers={"ETag": f'"{received.etag}"', **checksum_headers(received.checksums)})


@operation("UploadPartCopy")
async def upload_part_copy(call: Call) -> web.StreamResponse:
    """Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html."""
    number, upload = _number(call), _upload(call)
    _, source = copy_source(call)
    check_copy(call.head.headers, source.etag, source.modified)
    blob = source.blob
    wanted = call.head.headers.get(_COPY_BLOCK)
    if wanted is not None:
        span = span_of(wanted, blob.size)
        if span is None or not wanted.rpartition("-")[2]:
            raise S3Error(
                "InvalidArgument",
                "The x-amz-copy-source-range value must be of the form bytes=first-last where first and "
                "last are the zero-based offsets of the first and last bytes to copy",
                {"ArgumentName": _COPY_BLOCK, "ArgumentValue": wanted},
            )
        writer = call.spool.writer()
        try:
            for data in blob.read(span.start, span.stop):
                writer.write(data)
            blob = writer.blob()
        finally:
            writer.discard()
    part = Part(number, blob, _md5(blob), call.state.now())
    upload.parts[number] = part
    return xml(
        "CopyPartResult",
        wire.leaf("LastModified", times.xml_date(part.modified)),
        wire.leaf("ETag", f'"{part.etag}"'),
    )


@operation("CompleteMultipartUpload")
async def complete_multipart_upload(call: Call) -> web.StreamResponse:
    """Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html."""
    proof = call.signed
    _upload(call)
    data = await receive_document(call.request, call.head, proof, call.spool)
    body = wire.read_document(data, "CompleteMultipartUpload")
    wanted: list[tuple[int, str]] = []
    for each in body.all("Part"):
        number, etag = each.value("PartNumber") or "", each.value("ETag") or ""
        if not number.isascii() or not number.isdecimal() or len(number) > 6 or not etag:
            raise S3Error("MalformedXML")
        wanted.append((int(number), etag.strip('"')))
    if not wanted:
        raise S3Error("MalformedXML")
    present = call.bucket.objects.get(call.key)
    check_write(call.head.headers, None if present is None else present.etag, call.key)
    stored = call.state.complete(_upload(call), wanted)
    call.note["size"] = stored.blob.size
    return xml(
        "CompleteMultipartUploadResult",
        wire.leaf("Location", str(call.request.url.with_query(None))),
        wire.leaf("Bucket", call.bucket_name),
        wire.leaf("Key", call.key),
        wire.leaf("ETag", f'"{stored.etag}"'),
    )


@operation("AbortMultipartUpload")
async def abort_multipart_upload(call: Call) -> web.StreamResponse:
    """Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html."""
    upload = _upload(call)
    del call.state.uploads[upload.id]
    return web.Response(status=204)


@operation("ListParts")
async def list_parts(call: Call) -> web.StreamResponse:
    """Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html."""
    upload = _upload(call)
    limit, marker = limit_of(call, "max-parts"), _whole(call, "part-number-marker")
    numbers = sorted(number for number in upload.parts if number > marker)
    shown = [upload.parts[number] for number in numbers[:limit]]
    truncated = len(numbers) > len(shown)
    spelling = Spelling(call)
    return xml(
        "ListPartsResult",
        wire.leaf("Bucket", upload.bucket),
        *spelling.elements(),
        wire.leaf("Key", spelling(upload.key)),
        wire.leaf("UploadId", upload.id),
        _person("Initiator", call.owner),
        _person("Owner", call.owner),
        wire.leaf("StorageClass", upload.attributes.storage_class),
        wire.leaf("PartNumberMarker", marker),
        wire.leaf("NextPartNumberMarker", shown[-1].number if shown else 0),
        wire.leaf("MaxParts", limit),
        wire.leaf("IsTruncated", truncated),
        *(_part(each) for each in shown),
    )


@operation("ListMultipartUploads")
async def list_multipart_uploads(call: Call) -> web.StreamResponse:
    """Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html."""
    bucket = call.bucket
    spelling, limit = Spelling(call), limit_of(call, "max-uploads")
    prefix, delimiter = call.param("prefix"), call.param("delimiter")
    marker = (call.param("key-marker"), call.param("upload-id-marker"))
    entries: dict[tuple[str, str], Upload | None] = {}
    for each in call.state.uploads.values():
        if each.bucket == bucket.name and each.key.startswith(prefix):
            at = each.key.find(delimiter, len(prefix)) if delimiter else -1
            place = (each.key, each.id) if at < 0 else (each.key[: at + len(delimiter)], "")
            if place > marker and (place[0] != marker[0] or marker[1]):
                entries[place] = each if at < 0 else None
    ordered = sorted(entries)
    shown = ordered[:limit]
    truncated = bool(shown) and len(ordered) > len(shown)
    last = shown[-1] if truncated else ("", "")
    return xml(
        "ListMultipartUploadsResult",
        wire.leaf("Bucket", bucket.name),
        wire.leaf("KeyMarker", spelling(marker[0])),
        wire.leaf("UploadIdMarker", marker[1]),
        wire.leaf("NextKeyMarker", spelling(last[0])),
        wire.leaf("NextUploadIdMarker", last[1]),
        wire.leaf("Delimiter", spelling(delimiter)) if delimiter else "",
        wire.leaf("Prefix", spelling(prefix)),
        *spelling.elements(),
        wire.leaf("MaxUploads", limit),
        wire.leaf("IsTruncated", truncated),
        *(_entry(call, place, entries[place], spelling) for place in shown),
    )


def _entry(call: Call, place: tuple[str, str], upload: Upload | None, spelling: Spelling) -> str:
    if upload is None:
        return wire.node("CommonPrefixes", wire.leaf("Prefix", spelling(place[0])))
    return wire.node(
        "Upload",
        wire.leaf("Key", spelling(upload.key)),
        wire.leaf("UploadId", upload.id),
        _person("Initiator", call.owner),
        _person("Owner", call.owner),
        wire.leaf("StorageClass", upload.attributes.storage_class),
        wire.leaf("Initiated", times.xml_date(upload.initiated)),
    )


def _part(part: Part) -> str:
    return wire.node(
        "Part",
        wire.leaf("PartNumber", part.number),
        wire.leaf("LastModified", times.xml_date(part.modified)),
        wire.leaf("ETag", f'"{part.etag}"'),
        wire.leaf("Size", part.blob.size),
        *(wire.leaf(f"Checksum{name.upper()}", value) for name, value in part.checksums.items()),
    )


def _person(name: str, who: str) -> str:
    return wire.node(name, wire.leaf("ID", who))


def _upload(call: Call) -> Upload:
    return call.state.upload(call.bucket_name, call.key, call.param("uploadId"))


def _number(call: Call) -> int:
    number = _whole(call, "partNumber")
    if not 1 <= number <= MOST_PARTS:
        raise S3Error(
            "InvalidArgument",
            f"Part number must be an integer between 1 and {MOST_PARTS}, inclusive",
            {"ArgumentName": "partNumber", "ArgumentValue": call.param("partNumber")},
        )
    return number


def _whole(call: Call, name: str) -> int:
    given = call.param(name)
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else 0


def _md5(blob: Blob) -> str:
    import hashlib

    digest = hashlib.md5(usedforsecurity=False)
    for data in blob.read():
        digest.update(data)
    return digest.hexdigest()
