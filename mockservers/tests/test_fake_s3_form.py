"""Forms of multipart/form-data, read piece by piece."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from s3_desk import form_body

from tolmach_mockservers.s3.errors import S3Error
from tolmach_mockservers.s3.form import Form, boundary_of


def read(body: bytes, cuts: list[int] | None = None, boundary: bytes = b"cut") -> tuple[Form, bytes]:
    form, data = Form(boundary), b""
    places = [0, *sorted(cut % (len(body) + 1) for cut in cuts or []), len(body)]
    for start, stop in pairwise(places):
        data += b"".join(form.receive(body[start:stop]))
    form.close()
    return form, data


def refused(body: bytes) -> str:
    with pytest.raises(S3Error) as error:
        read(body)
    return error.value.code


@given(
    st.lists(st.integers(0, 10_000), max_size=10),
    st.binary(max_size=200),
    st.dictionaries(
        st.text("abcdef-", min_size=1, max_size=8), st.text("abc \r\nü-", max_size=20), max_size=4
    ),
)
def test_it_does_not_matter_where_the_body_is_cut(
    cuts: list[int], data: bytes, fields: dict[str, str]
) -> None:
    fields = {name.lower(): value for name, value in fields.items() if "\r\n--cut" not in value}
    if b"\r\n--cut" in data:
        return
    form, found = read(form_body(fields, data, "naïve.txt"), cuts)
    assert (form.fields, form.filename, found) == (fields, "naïve.txt", data)


@settings(max_examples=400)
@given(st.binary(max_size=300), st.booleans())
def test_noise_is_refused_and_nothing_else_happens(noise: bytes, begun: bool) -> None:
    try:
        form, _ = read((b"--cut\r\n" if begun else b"") + noise)
    except S3Error:
        return
    assert form.at_file


def test_what_looks_almost_like_a_boundary_is_data() -> None:
    data = b"\r\n--cu\r\n--\r\n-\r\r\n--curt\r\n"
    assert read(form_body({}, data), list(range(300)))[1] == data


def test_names_are_matched_in_any_case_and_heads_in_any_order() -> None:
    body = (
        b'--cut\r\ncontent-type: text/plain\r\ncontent-disposition: form-data;name="KEY"\r\n\r\nk\r\n'
        b"--cut\r\nContent-Disposition: form-data; name=acl\r\n\r\nprivate\r\n"
        b'--cut\r\nX: y\r\nContent-Disposition: form-data; filename="a \\"b\\" c"; name="File"\r\n\r\n'
        b"data\r\n--cut--"
    )
    form, data = read(body)
    assert (form.fields, form.filename, data) == ({"key": "k", "acl": "private"}, 'a "b" c', b"data")


def test_a_name_in_another_encoding() -> None:
    head = b"Content-Disposition: form-data; name=file; filename*=UTF-8''%C3%A4.txt"
    body = b"--cut\r\n" + head + b"\r\n\r\nx\r\n--cut--"
    assert read(body)[0].filename == "ä.txt"


def test_what_follows_the_file_is_ignored() -> None:
    form, data = read(
        form_body(
            {"key": "k"}, b"data", after=b'--cut\r\nContent-Disposition: form-data; name="acl"\r\n\r\nx\r\n'
        )
    )
    assert (form.fields, data) == ({"key": "k"}, b"data")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "MalformedPOSTRequest"),
        (b"hello", "MalformedPOSTRequest"),
        (b"--other\r\n", "MalformedPOSTRequest"),
        (b"--cut\r\n", "MalformedPOSTRequest"),
        (b"--cutter\r\n", "MalformedPOSTRequest"),
        (b"--cut--\r\n", "InvalidArgument"),
        (form_body({"key": "k"}, None), "InvalidArgument"),
        (b"--cut\r\n\r\n\r\nvalue\r\n--cut--", "MalformedPOSTRequest"),
        (b"--cut\r\nContent-Type: text/plain\r\n\r\nvalue\r\n--cut--", "MalformedPOSTRequest"),
        (
            b'--cut\r\nContent-Disposition: attachment; name="a"\r\n\r\nvalue\r\n--cut--',
            "MalformedPOSTRequest",
        ),
        (b"--cut\r\nContent-Disposition: form-data\r\n\r\nvalue\r\n--cut--", "MalformedPOSTRequest"),
        (form_body({"key": "k"}, b"data")[:-10], "MalformedPOSTRequest"),
        (form_body({"key": "k"}).replace(b"k\r\n", b"\xff\r\n", 1), "MalformedPOSTRequest"),
        (form_body({"a": "1", "A": "2"}), "MalformedPOSTRequest"),
        (form_body({"key": "k" * 20_480}), "MaxPostPreDataLengthExceededError"),
        (form_body({f"x-{each}": "v" * 300 for each in range(80)}), "MaxPostPreDataLengthExceededError"),
        (b"--cut\r\n" + b"x" * 30_000, "MaxPostPreDataLengthExceededError"),
    ],
)
def test_forms_that_are_refused(body: bytes, code: str) -> None:
    assert refused(body) == code


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/form-data; boundary=abc", b"abc"),
        ('multipart/form-data; charset=utf-8; boundary="a b c"', b"a b c"),
        ("Multipart/Form-Data;Boundary=----x", b"----x"),
        ("multipart/form-data", None),
        ("multipart/mixed; boundary=abc", None),
        ("application/x-www-form-urlencoded", None),
        ("", None),
    ],
)
def test_the_boundary(content_type: str, boundary: bytes | None) -> None:
    assert boundary_of(content_type) == boundary
