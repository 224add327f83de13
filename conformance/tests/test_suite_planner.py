"""The planner: who shares a subject, who must not."""

from collections import Counter
from dataclasses import replace

from tolmach_conformance.behaviour import MUST, UNSET, Behaviour, RoomSpec, listed
from tolmach_conformance.planner import Instance, plan


async def _nothing(stage: object) -> None:
    del stage


def make(
    number: int,
    *,
    settings: dict[str, object] | None = None,
    uses: dict[str, int] | None = None,
    rooms: dict[str, RoomSpec] | None = None,
    exclusive: bool = False,
    destructive: bool = False,
    clock: bool = False,
) -> Behaviour:
    return Behaviour(
        number=number,
        id=f"area.row-{number}",
        level=MUST,
        scenario=_nothing,
        text="",
        needs=(),
        settings=settings or {},
        rooms=rooms or {"room": RoomSpec()},
        people=("alice", "bob", "otherbot"),
        uses=uses or {},
        exclusive=exclusive or destructive,
        destructive=destructive,
        clock=clock,
        accounts=1,
        second_settings={},
        facts=False,
    )


def numbers(instances: list[Instance]) -> list[set[int]]:
    return [{one.number for one in instance.behaviours} for instance in instances]


def test_equal_settings_share_a_subject_and_others_do_not() -> None:
    rows = [make(1), make(2), make(3, settings={"dmPolicy": "disabled"})]
    assert sorted(map(sorted, numbers(plan(rows, 1)))) == [[1, 2], [3]]


def test_writing_a_default_out_changes_nothing() -> None:
    rows = [make(1), make(2, settings={"dmPolicy": "allowlist", "allowFrom": ["{alice}"]})]
    assert numbers(plan(rows, 1)) == [{1, 2}]


def test_settings_of_rooms_ride_along() -> None:
    rows = [make(1), make(2, rooms={"room": listed(requireMention=False)})]
    assert numbers(plan(rows, 1)) == [{1, 2}]


def test_an_unset_key_is_not_the_same_as_its_default() -> None:
    rows = [make(1), make(2, settings={"dmPolicy": UNSET}), make(3, settings={"groups": UNSET})]
    assert len(plan(rows, 1)) == 3


def test_a_list_of_own_people_grows_but_a_single_reference_binds() -> None:
    shared = [make(n, settings={"commandAllowFrom": ["{alice}"]}) for n in (1, 2)]
    bound = [make(n, settings={"ownerId": "{alice}"}) for n in (3, 4)]
    assert sorted(map(sorted, numbers(plan([*shared, *bound], 1)))) == [[1, 2], [3], [4]]


def test_a_spent_budget_opens_another_subject() -> None:
    rows = [make(n, uses={"pairing": 1}) for n in range(1, 6)] + [make(9, uses={"pairing": 3})]
    instances = plan(rows, 7)
    assert len(instances) == 3
    for instance in instances:
        assert sum(one.uses["pairing"] for one in instance.behaviours) <= 3


def test_what_must_be_alone_comes_after_the_others_of_its_subject() -> None:
    (instance,) = plan([make(1, exclusive=True), make(2), make(3)], 1)
    assert {one.number for one in instance.together} == {2, 3}
    assert [one.number for one in instance.alone] == [1]


def test_destructive_behaviours_come_last_each_in_its_own_subject() -> None:
    instances = plan([make(1, destructive=True), make(2), make(3, destructive=True)], 1)
    assert numbers(instances)[0] == {2}
    assert [instance.destructive for instance in instances] == [False, True, True]


def test_a_moved_clock_needs_a_subject_of_its_own_kind() -> None:
    instances = plan([make(1), make(2, clock=True)], 1)
    assert sorted(
        (instance.clock, sorted(n)) for instance, n in zip(instances, numbers(instances), strict=True)
    ) == [
        (False, [1]),
        (True, [2]),
    ]


def test_too_many_rooms_for_one_connection_are_split_and_every_behaviour_runs_once() -> None:
    instances = plan([make(n) for n in range(1, 51)], 3, rooms=48)
    assert [len(instance.behaviours) for instance in instances] == [24, 24, 2]
    assert Counter(n for one in numbers(instances) for n in one) == Counter(range(1, 51))


def test_a_behaviour_about_pace_has_its_subject_for_itself() -> None:
    rows = [make(1), make(2), replace(make(3), apart=True)]
    assert sorted(map(sorted, numbers(plan(rows, 1)))) == [[1, 2], [3]]


def test_the_order_follows_the_seed_alone() -> None:
    rows = [make(n) for n in range(1, 20)]
    orders = {seed: [b.number for b in plan(reversed(rows), seed)[0].behaviours] for seed in (1, 2)}
    assert orders[1] == [b.number for b in plan(rows, 1)[0].behaviours]
    assert orders[1] != orders[2]
