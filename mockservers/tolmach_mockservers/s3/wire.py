"""XML of S3: writing answers and errors, reading the few documents that requests carry.

What it is for: one place for escaping and for refusing what is not a plain document. What it must
not do: I/O, or know where the values come from.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NoReturn
from xml.parsers import expat
from xml.sax.saxutils import escape

from tolmach_mockservers.s3.errors import S3Error

__all__ = ["Element", "document", "error_document", "leaf", "node", "read_document"]

NAMESPACE: Final = "http://s3.amazonaws.com/doc/2006-03-01/"
_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_CONTROLS: Final = {code: f"&#x{code:x};" for code in range(32) if code not in {9, 10}} | {13: "&#xd;"}
_QUOTES: Final = {'"': "&quot;"}


def leaf(name: str, value: object) -> str:
    """Return one element with text; true and false as XML writes them."""
    if isinstance(value, bool):
        return f"<{name}>{'true' if value else 'false'}</{name}>"
    return f"<{name}>{escape(str(value), _QUOTES).translate(_CONTROLS)}</{name}>"


def node(name: str, *inner: str) -> str:
    """Return one element with elements in it."""
    return f"<{name}>{''.join(inner)}</{name}>"


def document(root: str, inner: Iterable[str]) -> bytes:
    """Return a document in the namespace of S3."""
    text = f'{_DECLARATION}<{root} xmlns="{NAMESPACE}">{"".join(inner)}</{root}>'
    return text.encode("utf-8", "surrogateescape")


def error_document(error: S3Error, request_id: str, host_id: str) -> bytes:
    """Return the document of a refusal; it has no namespace."""
    inner = [leaf("Code", error.code), leaf("Message", error.message)]
    inner += [leaf(name, value) for name, value in error.extra.items()]
    inner += [leaf("RequestId", request_id), leaf("HostId", host_id)]
    return f"{_DECLARATION}<Error>{''.join(inner)}</Error>".encode("utf-8", "surrogateescape")


@dataclass(slots=True)
class Element:
    """Hold one element that was read; names without their namespace."""

    name: str
    text: str = ""
    children: list["Element"] = field(default_factory=list["Element"])

    def all(self, name: str) -> Sequence["Element"]:
        """Return the children of this name."""
        return [child for child in self.children if child.name == name]

    def value(self, name: str) -> str | None:
        """Return the text of the first child of this name."""
        found = self.all(name)
        return found[0].text.strip() if found else None


def read_document(data: bytes, root: str) -> Element:
    """Read a document whose root is ``root``; anything else, or one with a DTD, is `MalformedXML`."""
    top = Element("")
    open_elements = [top]

    def start(name: str, _attributes: dict[str, str]) -> None:
        made = Element(name.rpartition(" ")[2])
        open_elements[-1].children.append(made)
        open_elements.append(made)

    def end(_name: str) -> None:
        open_elements.pop()

    def text(found: str) -> None:
        open_elements[-1].text += found

    def refuse(*_arguments: object) -> NoReturn:
        raise S3Error("MalformedXML")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError) as error:
        raise S3Error("MalformedXML") from error
    if not top.children or top.children[0].name != root:
        raise S3Error("MalformedXML")
    return top.children[0]
