"""The suite against real fakes and a small bot: a good one passes, a broken one fails where it is broken."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tolmach_conformance.catalogue import load_behaviours
from tolmach_conformance.manifest import Manifest, load_manifest
from tolmach_conformance.runner import Options, run_subject
from tolmach_conformance.serve import ControlClock
from tolmach_conformance.verdict import Verdict
from tolmach_conformance.world import attached, started

HERE = Path(__file__).parent / "tiny_subject"
ROWS = (1, 3, 9, 62, 91, 100)


@pytest.fixture(scope="module")
def ready_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One set of fakes for the whole module, started by the suite itself."""
    work = tmp_path_factory.mktemp("world")

    @contextlib.asynccontextmanager
    async def world() -> AsyncIterator[None]:
        async with started(work, ("rocketchat", "agent"), 1):
            yield

    with asyncio.Runner() as runner:
        context = world()
        runner.run(context.__aenter__())
        try:
            yield work / "ready.json"
        finally:
            runner.run(context.__aexit__(None, None, None))


def tiny(defect: str = "") -> Manifest:
    manifest = load_manifest(HERE / "subject.yaml")
    assert manifest.config is not None
    assert isinstance(manifest.config.template, dict)
    template = {**manifest.config.template, "defect": defect}
    return manifest.model_copy(update={"config": manifest.config.model_copy(update={"template": template})})


async def judge(
    manifest: Manifest, ready_file: Path, work: Path, rows: tuple[int, ...] = ROWS
) -> dict[int, tuple[Verdict, str]]:
    behaviours = {number: one for number, one in load_behaviours().items() if number in rows}
    options = Options(seed=5, work=work, ready_file=ready_file, partial=True)
    result = await run_subject(manifest, behaviours, options)
    assert result.broken == []
    return {one.number: (one.verdict, one.reason) for one in result.outcomes}


def failed(verdicts: dict[int, tuple[Verdict, str]]) -> set[int]:
    assert {verdict for verdict, _ in verdicts.values()} <= {Verdict.PASS, Verdict.FAIL}, verdicts
    return {number for number, (verdict, _) in verdicts.items() if verdict is Verdict.FAIL}


async def test_a_good_bot_passes(ready_file: Path, tmp_path: Path) -> None:
    verdicts = await judge(tiny(), ready_file, tmp_path)
    assert verdicts == dict.fromkeys(ROWS, (Verdict.PASS, ""))


@pytest.mark.parametrize(
    ("defect", "rows", "word"),
    [("substring", {62}, "started a turn"), ("bots", {9}, "started a turn"), ("leak", {91, 100}, "later on")],
)
async def test_a_broken_bot_fails_exactly_where_it_is_broken(
    ready_file: Path, tmp_path: Path, defect: str, rows: set[int], word: str
) -> None:
    verdicts = await judge(tiny(defect), ready_file, tmp_path)
    assert rows <= failed(verdicts)
    assert failed(verdicts) <= rows | ({9, 62} if defect == "leak" else set())
    assert all(word in verdicts[row][1] for row in rows)


async def test_a_crash_is_held_against_nobody_else(ready_file: Path, tmp_path: Path) -> None:
    verdicts = await judge(tiny("crash"), ready_file, tmp_path)
    assert failed(verdicts) == {9}
    assert "the subject had ended with 1" in verdicts[9][1]


async def test_a_bot_that_answers_twice_fails_where_once_is_asked(ready_file: Path, tmp_path: Path) -> None:
    assert 32 in failed(await judge(tiny("twice"), ready_file, tmp_path, (32,)))


async def test_a_python_function_is_a_subject_too(ready_file: Path, tmp_path: Path) -> None:
    manifest = tiny().model_copy(update={"command": None, "python": "bot:serve"})
    assert failed(await judge(manifest, ready_file, tmp_path, (1, 62))) == set()


async def test_a_python_subject_sleeps_by_the_controlled_clock(ready_file: Path) -> None:
    async with attached(ready_file) as world:
        clock = ControlClock(world.endpoint("control", "url"), world.endpoint("control", "token"))
        follower = asyncio.create_task(clock.follow())
        sleeper = asyncio.create_task(clock.sleep(3600))
        try:
            await world.control.post("/clock/advance", {"seconds": 3601})
            async with asyncio.timeout(10):
                await sleeper
        finally:
            for task in (follower, sleeper):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task


async def test_a_secret_in_the_output_fails_the_row_about_secrets(ready_file: Path, tmp_path: Path) -> None:
    assert failed(await judge(tiny(), ready_file, tmp_path / "a", (277,))) == set()
    verdicts = await judge(tiny("talks"), ready_file, tmp_path / "b", (277,))
    assert failed(verdicts) == {277}
    assert verdicts[277][1] == "a credential stands in the output"


async def test_what_is_not_claimed_is_not_run(ready_file: Path, tmp_path: Path) -> None:
    verdicts = await judge(tiny(), ready_file, tmp_path, (86, 93, 210, 267))
    assert {number: verdict for number, (verdict, _) in verdicts.items()} == {
        86: Verdict.NOT_CLAIMED,
        93: Verdict.NOT_CLAIMED,
        210: Verdict.NOT_CLAIMED,
        267: Verdict.NOT_OBSERVABLE,
    }


async def test_a_subject_that_never_becomes_ready_fails_with_its_own_words(
    ready_file: Path, tmp_path: Path
) -> None:
    manifest = tiny().model_copy(
        update={"command": ("{python}", "-c", "import sys; sys.exit('no such server: {server_url}')")}
    )
    verdicts = await judge(manifest, ready_file, tmp_path, (1,))
    verdict, reason = verdicts[1]
    assert verdict is Verdict.FAIL
    assert "did not become ready: no such server: http://127.0.0.1" in reason


async def test_a_command_that_does_not_exist_is_no_verdict_on_the_subject(
    ready_file: Path, tmp_path: Path
) -> None:
    manifest = tiny().model_copy(update={"command": ("/no/such/program",)})
    verdict, reason = (await judge(manifest, ready_file, tmp_path, (1,)))[1]
    assert verdict is Verdict.HARNESS_ERROR
    assert "/no/such/program" in reason


async def test_the_work_directory_keeps_configuration_and_output(ready_file: Path, tmp_path: Path) -> None:
    await judge(tiny(), ready_file, tmp_path, (1,))
    check_work(tmp_path)


def check_work(work: Path) -> None:
    (config,) = work.glob("instance-*/tiny.json")
    assert config.stat().st_mode & 0o777 == 0o600
    assert json.loads(config.read_text())["allowFrom"]
    assert (config.parent / "output.log").read_text().startswith("ready")
