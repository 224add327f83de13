from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tolmach.agent.sse import Decoder, ServerEvent
from tolmach.errors import RemoteProtocolError

STREAM = (
    b"\xef\xbb\xbf: hello\r\n"
    b'event: delta\rid: 7\ndata: {"a":\r\ndata: 1}\r\n\r\n'
    b"retry: 1500\n\n"
    b"data:no space\n\n"
    b"data:  two spaces\n\n"
    b"data\n\n"
    b"data: \xd0\xbf\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82 \xf0\x9f\x8c\x8d\xe2\x80\xa8still one line\n\n"
    b"unknown: x\ndata: [DONE]\n\n"
)
EVENTS = [
    ServerEvent('{"a":\n1}', "delta", "7"),
    ServerEvent("no space", "message", "7"),
    ServerEvent(" two spaces", "message", "7"),
    ServerEvent("", "message", "7"),
    ServerEvent("привет \U0001f30d\u2028still one line", "message", "7"),
    ServerEvent("[DONE]", "message", "7"),
]


def decode(*pieces: bytes) -> list[ServerEvent]:
    decoder = Decoder()
    events = [event for piece in pieces for event in decoder.feed(piece)]
    return [*events, *decoder.close()]


def test_a_stream_in_one_piece():
    assert decode(STREAM) == EVENTS


def test_a_stream_byte_by_byte():
    assert decode(*(bytes([byte]) for byte in STREAM)) == EVENTS


@given(st.lists(st.integers(min_value=0, max_value=len(STREAM)), max_size=12))
def test_no_split_changes_what_is_read(cuts: list[int]):
    edges = [0, *sorted(cuts), len(STREAM)]
    assert decode(*(STREAM[a:b] for a, b in pairwise(edges))) == EVENTS


@given(st.binary(max_size=200))
def test_no_bytes_break_the_decoder(noise: bytes):
    assert decode(noise) == decode(*(bytes([byte]) for byte in noise))


def test_the_end_mark_is_recognised():
    assert [event.done for event in EVENTS] == [False] * 5 + [True]


def test_an_event_without_its_empty_line_is_read_at_the_end():
    assert decode(b"data: last") == [ServerEvent("last")]
    assert decode(b"data: last\r") == [ServerEvent("last")]


def test_a_carriage_return_and_its_newline_in_two_pieces_are_one_line_end():
    assert decode(b"data: a\r", b"\ndata: b\r", b"\n\r", b"\n") == [ServerEvent("a\nb")]


def test_an_id_with_a_null_is_ignored_and_retry_takes_digits_only():
    decoder = Decoder()
    assert decoder.feed(b"id: a\0b\nretry: soon\ndata: x\n\n") == [ServerEvent("x")]
    assert decoder.retry is None
    decoder.feed(b"retry: 20\n")
    assert decoder.retry == 20


def test_an_endless_event_is_refused():
    decoder = Decoder(max_event=1000)
    with pytest.raises(RemoteProtocolError, match="larger than 1000"):
        for _ in range(11):
            decoder.feed(b"x" * 100)
