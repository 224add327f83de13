"""One event of a platform that is several to the channel is over with the last of them."""

from channel_words import arrived, room

from tolmach.adapters.owed import Owed
from tolmach.channel.model import MemberChanged, Sender


def joined(name: str) -> MemberChanged:
    return MemberChanged(room(), Sender(name, name, name, False), joined=True, key=f"joined:{name}")


def test_a_source_is_over_with_its_last_event() -> None:
    owed: Owed[str] = Owed()
    events = [joined("alice"), joined("bob")]
    owed.add(events, "both joined")
    assert owed.settle(events[1]) is None
    assert owed.settle(events[1]) is None
    assert owed.settle(events[0]) == "both joined"
    assert len(owed) == 0


def test_a_message_is_known_by_its_id_whatever_was_learnt_of_it_meanwhile() -> None:
    owed: Owed[str] = Owed()
    owed.add([arrived("one", "m1")], "m1 came")
    assert owed.settle(arrived("one", "m2")) is None
    assert owed.settle(arrived("another text", "m1")) == "m1 came"
