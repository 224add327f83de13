"""Drive the package boto3 over JSON lines; it must not import anything of this project.

The first line is the client's settings. Then, in: {"call": "method", "name": "put_object", "kwargs"}, or
"presign", "presign_post", "pages", "upload", "download". Bytes are {"base64": ...}, both ways. Out:
{"result": ...} or {"error": {"type", "code", "status", "message"}}.
"""

import base64
import hashlib
import io
import json
import sys

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

MEGABYTE = 2**20


def shown(value):
    """Return a value that JSON can hold."""
    if isinstance(value, dict):
        return {name: shown(item) for name, item in value.items()}
    if isinstance(value, list):
        return [shown(item) for item in value]
    if hasattr(value, "read"):
        value = value.read()
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    return value.isoformat() if hasattr(value, "isoformat") else value


def meant(value):
    """Return a value as the client takes it."""
    if isinstance(value, dict):
        if set(value) == {"base64"}:
            return base64.b64decode(value["base64"])
        return {name: meant(item) for name, item in value.items()}
    return [meant(item) for item in value] if isinstance(value, list) else value


def answer(client, request):
    """Do what one line asks."""
    kwargs = meant(request.get("kwargs", {}))
    match request["call"]:
        case "method":
            return shown(getattr(client, request["name"])(**kwargs))
        case "presign":
            return client.generate_presigned_url(
                request["name"], Params=kwargs, ExpiresIn=request.get("expires", 600)
            )
        case "presign_post":
            return client.generate_presigned_post(**kwargs)
        case "pages":
            return shown(list(client.get_paginator(request["name"]).paginate(**kwargs)))
        case "upload":
            data = b"0123456789abcdef" * (request["megabytes"] * MEGABYTE // 16)
            parts = TransferConfig(multipart_threshold=6 * MEGABYTE, multipart_chunksize=6 * MEGABYTE)
            client.upload_fileobj(io.BytesIO(data), Config=parts, **kwargs)
            return hashlib.sha256(data).hexdigest()
        case "download":
            target = io.BytesIO()
            parts = TransferConfig(multipart_threshold=6 * MEGABYTE, multipart_chunksize=6 * MEGABYTE)
            client.download_fileobj(Fileobj=target, Config=parts, **kwargs)
            return hashlib.sha256(target.getvalue()).hexdigest()
        case other:
            raise ValueError(other)


def main():
    """Answer each line with one line."""
    client = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if client is None:
                style = {"addressing_style": request.pop("addressing_style", "path")}
                config = Config(s3=style, retries={"max_attempts": 1, "mode": "standard"})
                client = boto3.client("s3", config=config, **request)
                result = "ready"
            else:
                result = answer(client, request)
            line_out = {"result": result}
        except ClientError as error:
            line_out = {
                "error": {
                    "type": type(error).__name__,
                    "code": error.response["Error"].get("Code"),
                    "message": error.response["Error"].get("Message"),
                    "status": error.response["ResponseMetadata"]["HTTPStatusCode"],
                }
            }
        except Exception as error:
            line_out = {"error": {"type": type(error).__name__, "message": str(error)}}
        print(json.dumps(line_out), flush=True)


main()
