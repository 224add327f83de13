"""A form with one file at its end, as storage wants it.

What it is for: the bytes before and after the file, so that the length is known beforehand and the file
is never in memory. What it must not do: read the file.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html
"""

from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["Frame", "frame"]


class Frame(NamedTuple):
    """Hold what stands around the file."""

    content_type: str
    before: bytes
    after: bytes


def frame(fields: Iterable[tuple[str, str]], filename: str, kind: str, boundary: str) -> Frame:
    """Return the form around the file: ``fields`` in their order, the file last."""
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"\r\n\r\n{value}\r\n'
        for name, value in fields
    ]
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{_quoted(filename)}"\r\n'
        f"Content-Type: {kind}\r\n\r\n"
    )
    return Frame(
        f"multipart/form-data; boundary={boundary}",
        "".join(parts).encode(),
        f"\r\n--{boundary}--\r\n".encode(),
    )


def _quoted(text: str) -> str:
    # As browsers do: UTF-8 as it is, but nothing that would end the quotes or the line.
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
