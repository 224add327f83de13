"""Reading what comes, checking what goes."""

import json
import subprocess
import sys

import pytest
from pachca_documents import AUDIT, TOKEN_INFO
from pachca_stub import MESSAGE
from pydantic import ValidationError

from tolmach import pachca
from tolmach.pachca import Message, Pachca
from tolmach.pachca.models.audit import AuditDetailsUserLoginQr, AuditEvent, details_of
from tolmach.pachca.models.message import MessageUpdate
from tolmach.pachca.models.oauth import AccessTokenInfo, OAuthToken
from tolmach.sync import Pachca as BlockingPachca


def test_unknown_fields_values_and_large_ids_are_kept():
    raw = {**json.loads(MESSAGE), "chat_id": 2**40, "entity_type": "planet", "new_field": {"a": [1]}}
    message = Message.model_validate(raw)
    assert (message.chat_id, message.entity_type) == (2**40, "planet")
    assert message.model_extra == {"new_field": {"a": [1]}}


def test_null_is_told_from_absent():
    raw = json.loads(MESSAGE)
    absent = Message.model_validate({key: value for key, value in raw.items() if key != "thread"})
    assert absent.thread is None
    assert "thread" not in absent.model_fields_set
    assert "thread" in Message.model_validate(raw).model_fields_set


def test_a_time_without_an_offset_is_utc():
    raw = {
        **json.loads(MESSAGE),
        "created_at": "2025-05-15T14:30:00",
        "changed_at": "2025-05-15T17:30:00+03:00",
    }
    message = Message.model_validate(raw)
    assert message.created_at == message.changed_at
    assert message.created_at.tzinfo is not None


def test_what_is_sent_has_only_what_was_given():
    assert MessageUpdate().to_wire() == {}
    assert MessageUpdate(content="", buttons=[]).to_wire() == {"content": "", "buttons": []}
    with pytest.raises(ValidationError):
        MessageUpdate.model_validate({"contents": "misspelt"})


def test_audit_details_are_read_by_their_key():
    event = AuditEvent.model_validate(json.loads(AUDIT))
    assert details_of(event) is None
    event.details = {"method": "qr", "login_grant_id": "g"}
    assert isinstance(details_of(event), AuditDetailsUserLoginQr)
    event.details = {"method": 7}
    assert details_of(event) is None


def test_no_token_stands_in_a_repr():
    granted = OAuthToken(
        access_token="pato_1", token_type="Bearer", refresh_token="r_1", scope="a", created_at=1
    )
    assert "pato_1" not in repr(granted)
    assert "r_1" not in repr(granted)
    assert "stub-tok" not in repr(AccessTokenInfo.model_validate(json.loads(TOKEN_INFO)))


def test_every_name_of_the_package_is_there():
    for name in pachca.__all__:
        assert getattr(pachca, name) is not None
    assert set(pachca.__all__) <= set(dir(pachca))
    with pytest.raises(AttributeError):
        _ = pachca.nonsense  # type: ignore[attr-defined]


def test_importing_loads_no_model_and_no_resource():
    code = (
        "import sys, tolmach.pachca; "
        "found = [n for n in sys.modules if n == 'pydantic' or n.startswith('tolmach.pachca.')]; "
        "print([n for n in found if n == 'pydantic' or '.models' in n or '.resources' in n])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_the_blocking_client_lists_as_the_other_one():
    with BlockingPachca("t-123456", api_base="http://127.0.0.1:9/api/shared/v1", insecure=True) as blocking:
        listing = blocking.chats.list()
        with pytest.raises(TypeError):
            iter(blocking.chats)
        assert iter(listing) is not None


@pytest.mark.parametrize("token", ["", "with space", "line\nbreak", "й"])
def test_a_token_that_cannot_be_one_is_refused(token: str):
    with pytest.raises(Exception, match="token"):
        Pachca(token)
