"""The seeded defects: their lists are whole, their targets exist, and a sample of them is noticed.

All of them against the whole suite: ``python conformance/tests/mutants/matrix.py``.
"""

import asyncio
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from mutants.every import BY_NAME, MUTANTS
from mutants.mutant import PLATFORMS, Mutant, resolve
from mutants.trial import CLEAN, Report, nursery, run_trial

from tolmach_conformance.behaviour import Behaviour
from tolmach_conformance.catalogue import catalogue, load_behaviours
from tolmach_conformance.world import started

MANY = 5
SAMPLE = (
    "hears-itself",
    "substring-mention",
    "names-admit",
    "repeats-arrive",
    "threads-share",
    "word-lost",
    "removed-is-added",
    "refused-again",
    "token-in-status",
    "signature-unread",
    "replays-arrive",
)


def judged(platform: str) -> dict[int, Behaviour]:
    """Return the behaviours that can be judged on a platform of the bundled channel."""
    rows = catalogue()
    return {n: one for n, one in load_behaviours().items() if rows[n].excluded(platform) is None}


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_defect_has_its_target_its_rows_and_its_reason(mutant: Mutant) -> None:
    for target, _ in mutant.targets:
        assert callable(getattr(resolve(target)[2], "__func__", resolve(target)[2])), target
    # Three where three layers drop the same thing, as with replayed deliveries.
    assert 1 <= len(mutant.targets) <= 3
    assert list(mutant.rows) == sorted(set(mutant.rows))
    assert set(mutant.rows) <= set(judged(mutant.platform))
    assert mutant.defect
    assert bool(mutant.why) == (len(mutant.rows) > MANY)


def test_names_and_defects_are_said_once() -> None:
    assert [name for name, count in Counter(one.name for one in MUTANTS).items() if count > 1] == []
    assert [text for text, count in Counter(one.defect for one in MUTANTS).items() if count > 1] == []


def test_every_row_stands_in_a_list() -> None:
    listed = {row for mutant in MUTANTS for row in mutant.rows}
    assert sorted({row for platform in PLATFORMS for row in judged(platform)} - listed) == []


IN_PLACE = """
import sys
sys.path[:0] = sys.argv[1:]
from mutants.every import BY_NAME
from tolmach.adapters import emoji_names, pachca_events, rocketchat

called = []
BY_NAME["glyph-unknown"].apply(lambda: called.append("glyph"))
for module in (emoji_names, rocketchat, pachca_events):
    assert module.glyph_name("\\N{THUMBS UP SIGN}") is None, module
assert called == ["glyph"] * 3, called
"""


def test_a_defect_replaces_a_function_wherever_it_was_imported() -> None:
    # In an interpreter of its own: a defect is never taken back.
    program = [sys.executable, "-c", IN_PLACE, str(Path(__file__).parent)]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_report_tells_what_differs() -> None:
    mutant = Mutant("name", "defect", [("module:function", lambda original: original)], (1, 2))
    judged_rows = frozenset({1, 2, 3})
    right = Report(mutant, {1: "", 2: ""}, judged_rows, reached=True, seconds=1.0, broken=())
    assert right.as_listed
    more = Report(mutant, {1: "", 2: "", 3: ""}, judged_rows, reached=True, seconds=1.0, broken=())
    assert (more.as_listed, more.unlisted, more.missed) == (False, {3}, set())
    less = Report(mutant, {1: ""}, judged_rows, reached=True, seconds=1.0, broken=())
    assert (less.as_listed, less.unlisted, less.missed) == (False, set(), {2})
    partly = Report(mutant, {1: ""}, frozenset({1, 3}), reached=True, seconds=1.0, broken=())
    assert partly.as_listed
    never = Report(mutant, {1: "", 2: ""}, judged_rows, reached=False, seconds=1.0, broken=())
    assert not never.as_listed


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_sample_of_defects_is_noticed_by_the_rows_listed(tmp_path: Path, platform: str) -> None:
    gate = asyncio.Semaphore(3)
    sample = [BY_NAME[name] for name in SAMPLE if BY_NAME[name].platform == platform]
    rows = {row for mutant in sample for row in mutant.rows}
    async with nursery() as socket, started(tmp_path / "world", (platform, "agent"), 1):

        async def trial(mutant: Mutant, wanted: set[int]) -> Report:
            async with gate:
                return await run_trial(
                    mutant,
                    tmp_path / mutant.name,
                    socket,
                    rows=wanted,
                    patience=6.0,
                    ready_file=tmp_path / "world" / "ready.json",
                )

        clean, *reports = await asyncio.gather(
            trial(replace(CLEAN, platform=platform), rows), *(trial(one, set(one.rows)) for one in sample)
        )
    assert clean.failed == {}
    assert clean.judged == rows
    assert [(one.mutant.name, one.failed, one.broken) for one in reports if not one.as_listed] == []
    assert all(one.judged == set(one.mutant.rows) for one in reports)
