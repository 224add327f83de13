import re
import sys

import pytest

from tolmach_mockservers.refusal import RefusalError
from tolmach_mockservers.seed import Seed


def _drawn(seed: Seed) -> list[object]:
    return [seed.meteor_id(), seed.token(), seed.hex_id(), seed.person_name(), seed.random()]


def test_the_same_seed_draws_the_same() -> None:
    assert _drawn(Seed(7)) == _drawn(Seed(7))
    assert _drawn(Seed(7)) != _drawn(Seed(8))


def test_ids_and_tokens_have_the_platforms_form() -> None:
    seed = Seed(0)
    for _ in range(50):
        assert re.fullmatch(r"[2-9A-HJ-NP-TW-Za-km-z]{17}", seed.meteor_id())
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", seed.token())
        assert re.fullmatch(r"[0-9a-f]{24}", seed.hex_id())


def test_a_child_draws_independently_of_its_parent() -> None:
    one, two = Seed(0), Seed(0)
    two.meteor_id()
    assert one.child("agent").meteor_id() == two.child("agent").meteor_id()
    assert one.child("agent").meteor_id() != one.child("faults").meteor_id()


def test_a_restored_seed_goes_on_where_its_state_was_taken() -> None:
    seed = Seed(3)
    seed.person_name()
    state = seed.state()
    expected = _drawn(seed)
    assert _drawn(seed) != expected
    seed.restore(state)
    assert _drawn(seed) == expected


def test_a_state_without_names_draws_names_from_the_beginning() -> None:
    seed = Seed(3)
    state = seed.state()
    first = seed.person_name()
    seed.restore(state)
    assert seed.person_name() == first


def test_a_restarted_seed_is_like_a_new_one() -> None:
    seed = Seed(1)
    _drawn(seed)
    seed.restart(9)
    assert seed.number == 9
    assert _drawn(seed) == _drawn(Seed(9))


def test_something_else_is_no_state() -> None:
    with pytest.raises(TypeError):
        Seed(0).restore("nonsense")


def test_without_faker_a_name_must_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faker", None)
    with pytest.raises(RefusalError, match=r"pip install 'tolmach\[mock\]'"):
        Seed(0).person_name()
