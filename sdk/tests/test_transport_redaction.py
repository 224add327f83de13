"""No secret in a log, an error or a repr."""

import io
import logging
from collections.abc import Iterator

import pytest

from tolmach.transport.problem import Problem, error_for
from tolmach.transport.redaction import RedactingFilter, forget, hide, redact, redact_handlers

SECRET = "sEntinel/Token+42=\"'"


@pytest.fixture(autouse=True)
def hidden() -> Iterator[None]:
    hide(SECRET)
    yield
    forget(SECRET)


@pytest.mark.parametrize(
    "text",
    [
        f"got {SECRET}!",
        "in a url: ?x=sEntinel%2FToken%2B42%3D%22%27&y=1",
        'in json: {"x": "sEntinel/Token+42=\\"\'"}',
    ],
)
def test_a_registered_secret_is_masked_in_every_form(text: str) -> None:
    assert "***" in redact(text)
    assert "sEntinel" not in redact(text)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("X-Auth-Token: abcdef, X-User-Id: u1", "X-Auth-Token: ***, X-User-Id: u1"),
        ("{'Authorization': 'Bearer abc.def'}", "{'Authorization': '***'}"),
        ("Authorization: Bearer abc.def", "Authorization: ***"),
        ('{"resume":"abcdef","x":1}', '{"resume":"***","x":1}'),
        ('{"data":{"authToken":"abcdef","userId":"u"}}', '{"data":{"authToken":"***","userId":"u"}}'),
        ('{"token":"abcdef"}', '{"token":"***"}'),
        ("/file?rc_uid=u&rc_token=abcdef", "/file?rc_uid=u&rc_token=***"),
        ("api_key=abcdef", "api_key=***"),
        ("the token was refused", "the token was refused"),
        ("channels.pachca.webhookSecret: is missing: x", "channels.pachca.webhookSecret: is missing: x"),
        ("channels.rocketchat.password: must be text", "channels.rocketchat.password: must be text"),
        ("secret: mustard", "secret: ***"),
        ("secret: is", "secret: ***"),
    ],
)
def test_values_of_credential_names_are_masked_without_being_registered(text: str, clean: str) -> None:
    assert redact(text) == clean


def test_a_secret_hidden_twice_stays_hidden_when_one_owner_goes() -> None:
    hide(SECRET)
    forget(SECRET)
    assert redact(SECRET) == "***"


def test_a_forgotten_secret_is_off_the_register() -> None:
    hide("another-one")
    forget("another-one")
    assert redact("another-one") == "another-one"


def test_the_longer_of_two_secrets_is_masked_whole() -> None:
    hide("secret-long")
    hide("secret")
    try:
        assert redact("a secret-long b") == "a *** b"
    finally:
        forget("secret-long")
        forget("secret")


def test_a_log_shows_no_secret_in_message_arguments_traceback_or_stack() -> None:
    stream = io.StringIO()
    broken = "broken %d %s"
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactingFilter())
    log = logging.getLogger("test.redaction")
    log.propagate = False
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    try:
        log.debug("arguments %s %r", SECRET, {"x": SECRET})
        log.warning(broken, SECRET)
        try:
            raise ValueError(SECRET)
        except ValueError:
            log.exception("failed", stack_info=True)
    finally:
        log.removeHandler(handler)
    written = stream.getvalue()
    assert written.count("***") >= 4
    assert "sEntinel" not in written
    assert "ValueError: ***" in written


def test_handlers_get_one_filter_each() -> None:
    handler = logging.NullHandler()
    redact_handlers([handler])
    redact_handlers([handler])
    assert len(handler.filters) == 1


def test_an_error_does_not_repeat_a_secret_that_the_server_echoes() -> None:
    error = error_for(403, Problem(message=f"token {SECRET} may not"), call="POST x")
    assert "sEntinel" not in str(error)
    assert "sEntinel" not in repr(error)
