"""Decode server-sent events from bytes, however the network split them.

What it is for: one pure decoder, bytes in and events out. What it must not do: perform I/O, know
JSON, or guess at a meaning. Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import codecs
from dataclasses import dataclass

from tolmach.errors import RemoteProtocolError

__all__ = ["Decoder", "ServerEvent"]


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """Hold one event; ``data`` has its lines joined by newlines, ``id`` is the last id seen."""

    data: str
    event: str = "message"
    id: str = ""

    @property
    def done(self) -> bool:
        """Tell whether this is the ``[DONE]`` with which a chat completion ends."""
        return self.data.strip() == "[DONE]"


class Decoder:
    r"""Turn bytes into events.

    ``feed`` takes any piece, even half a character or the ``\r`` of a ``\r\n``. ``close`` returns
    what an abrupt end left complete but for its empty line: agents do forget that line. ``retry``
    is the reconnection time in milliseconds that the server last asked for.
    """

    def __init__(self, *, max_event: int = 4 * 1024 * 1024) -> None:
        self.retry: int | None = None
        self._max_event = max_event
        # A stray invalid byte must not cost the rest of the answer.
        self._text = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._start = True
        self._after_cr = False
        self._line: list[str] = []
        self._data: list[str] = []
        self._size = 0
        self._event = ""
        self._id = ""

    def feed(self, data: bytes) -> list[ServerEvent]:
        """Take the next piece and return the events that it completed."""
        return self._take(self._text.decode(data))

    def close(self) -> list[ServerEvent]:
        """Take the end of the stream and return the event that was still open, if any."""
        events = self._take(self._text.decode(b"", final=True))
        if self._line:
            self._field("".join(self._line))
            self._line = []
        last = self._dispatch()
        return [*events, last] if last else events

    def _take(self, text: str) -> list[ServerEvent]:
        events: list[ServerEvent] = []
        if self._start and text:
            text = text.removeprefix("\ufeff")
            self._start = False
        if self._after_cr and text:
            text = text.removeprefix("\n")
            self._after_cr = False
        # Only the three line ends of the specification: splitlines() would split at U+2028 too.
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self._after_cr = self._after_cr or text.endswith("\r")
        for line in lines[:-1]:
            self._line.append(line)
            whole = "".join(self._line)
            self._line = []
            if whole:
                self._field(whole)
            elif (event := self._dispatch()) is not None:
                events.append(event)
        if lines[-1]:
            self._line.append(lines[-1])
            self._grow(len(lines[-1]))
        return events

    def _field(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match name:
            case "data":
                self._data.append(value)
                self._grow(len(value) + 1)
            case "event":
                self._event = value
            case "id" if "\0" not in value:
                self._id = value
            case "retry" if value.isascii() and value.isdigit():
                self.retry = int(value)
            case _:  # a comment (empty name) or a field that this version does not know
                pass

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size > self._max_event:
            raise RemoteProtocolError(f"an event of the stream is larger than {self._max_event} characters")

    def _dispatch(self) -> ServerEvent | None:
        data, event = self._data, self._event
        self._data, self._event, self._size = [], "", 0
        if not data:
            return None
        return ServerEvent("\n".join(data), event or "message", self._id)
