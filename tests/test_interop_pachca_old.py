"""The package pachca 0.0.1, unmodified, against the fake Pachca and its storage.

Its own bugs that show here, each with a test that names it: it sends its token to the storage, whose
refusal it cannot read, so that no upload of its own succeeds; a refusal of validation is "unhandled"
to it; truth values go into the query in Python's spelling. It pages messages by number, which the
fake still answers.
"""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from interop_environments import Driver

Ready = dict[str, Any]
pytestmark = pytest.mark.interop


def settings(ready: Ready, **changes: object) -> None:
    headers = {"Authorization": f"Bearer {ready['control']['token']}", "Content-Type": "application/json"}
    url, body = f"{ready['control']['url']}/pachca/settings", json.dumps(changes).encode()
    with urllib.request.urlopen(urllib.request.Request(url, body, headers, method="PATCH")) as answer:
        assert answer.status == 200


class Old:
    """Call the package as the admin."""

    def __init__(self, driver: Driver, ready: Ready) -> None:
        self.driver = driver
        self.pachca = ready["pachca"]
        driver.ask(base_url=self.pachca["url"], token=self.pachca["people"]["admin"]["token"])

    def __call__(self, call: str, *args: object, **kwargs: object) -> Any:
        return self.driver.ask(call=call, args=args, kwargs=kwargs)

    def refused(self, call: str, *args: object, **kwargs: object) -> str:
        answer: Any = self.driver.send(call=call, args=args, kwargs=kwargs)
        return str(answer["error"]["text"])

    def room(self, name: str = "old") -> int:
        bot = self.pachca["bot"]["id"]
        return int(self("create_chat", name, member_ids=[bot], group_tag_ids=[])["id"])


@pytest.fixture
def old(ready: Ready) -> Iterator[Old]:
    settings(ready, rate_limits=False)
    with Driver("pachca_old") as driver:
        yield Old(driver, ready)
    settings(ready, rate_limits=True)


def test_it_knows_who_it_is(old: Old) -> None:
    assert old("get_profile")["nickname"] == "admin"
    assert old("get_user_id") == old.pachca["people"]["admin"]["id"]


def test_chats(old: Old) -> None:
    chat = old.room("a chat of its own")
    assert old("get_chat", chat)["name"] == "a chat of its own"
    assert chat in [each["id"] for each in old("get_chats", limit=2)]
    assert chat in [each["id"] for each in old("get_chats", sort_field="last_message_at")]
    oldest = [each["id"] for each in old("get_chats", sort_direction="asc")]
    assert oldest == sorted(oldest)
    assert [each["id"] for each in old("find_chats", "a chat of its own")] == [chat]
    assert old("update_chat", chat, name="renamed", public=True)["public"] is True
    assert old("archive_chat", chat) == ""
    assert chat not in [each["id"] for each in old("get_chats")]
    assert old("unarchive_chat", chat) == ""


def test_members(old: Old) -> None:
    chat, bob = old.room(), old.pachca["people"]["bob"]["id"]
    assert old("add_member", chat, [bob], silent=True) == ""
    assert old("update_member", chat, bob, "admin") == ""
    assert [each["id"] for each in old("get_members", chat, role="admin")] == [bob]
    assert old("get_member", chat, bob)["nickname"] == "bob"
    assert old("remove_member", chat, bob) == ""
    assert old("get_member", chat, bob) is None


def test_messages_and_threads(old: Old) -> None:
    chat = old.room()
    sent = old("create_message", chat, "hello")
    assert (sent["content"], sent["entity_type"]) == ("hello", "discussion")
    assert old("update_message", sent["id"], "hi")["content"] == "hi"
    assert old("get_message", sent["id"])["content"] == "hi"
    quote = old("create_message", chat, "and?", parent_message_id=sent["id"])
    assert quote["parent_message_id"] == sent["id"]
    assert old("pin_message", sent["id"]) == ""
    assert old("unpin_message", sent["id"]) == ""
    thread = old("create_thread", sent["id"])
    assert old("get_thread", thread["id"])["message_id"] == sent["id"]
    below = old("create_message", thread["id"], "below", entity_type="thread")
    assert below["chat_id"] == thread["chat_id"]
    direct = old("create_message", old.pachca["people"]["bob"]["id"], "psst", entity_type="user")
    assert direct["entity_type"] == "user"
    assert old("delete_message", quote["id"]) == ""
    assert [each["id"] for each in old("get_messages", chat)] == [sent["id"]]


def test_it_reads_more_than_a_page_of_messages_by_number(old: Old) -> None:
    chat = old.room()
    sent = [old("create_message", chat, str(number))["id"] for number in range(52)]
    assert [each["id"] for each in old("get_messages", chat, sort_direction="asc")] == sent


def test_own_bug_it_sends_its_token_to_the_storage_which_refuses(old: Old, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("some notes")
    text = old.refused("create_message", old.room(), "with a file", files=[str(file)])
    assert "Error in request params" in text or "Json could not be decode" in text
    assert "InvalidArgument" in text or "AuthorizationHeader" in text or "<Error>" in text


def test_own_bug_a_refusal_of_validation_is_unhandled_to_it(old: Old) -> None:
    assert "Some unhandled error occurred 422" in old.refused("create_message", old.room(), "")


def test_refusals_that_it_knows(old: Old) -> None:
    assert "not found" in old.refused("get_chat", 999)
    assert "Token" in old.refused("remove_member", old.room(), old.pachca["people"]["admin"]["id"])


def test_own_bug_it_writes_truth_in_pythons_spelling(old: Old) -> None:
    assert "'key': 'personal', 'value': 'False'" in old.refused("get_chats", personal=False)
