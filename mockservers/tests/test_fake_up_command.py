import json
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tolmach_schemas.validation import compile_document

UP = [sys.executable, "-m", "tolmach_mockservers", "up"]


@contextmanager
def _up(*arguments: str, lines: int = 1) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """Run ``tolmach up`` and yield the process and the environment lines it printed."""
    process = subprocess.Popen([*UP, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    printed = [process.stdout.readline().rstrip("\n") for _ in range(lines)]
    try:
        yield process, dict(line.partition("=")[::2] for line in printed)
    finally:
        process.kill()
        process.communicate()


def _ended(process: subprocess.Popen[str], number: int) -> tuple[int, str, str]:
    started = time.monotonic()
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert time.monotonic() - started < 5
    return process.returncode, out, err


def _refused(*arguments: str) -> str:
    done = subprocess.run([*UP, *arguments], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    return done.stderr


def test_the_ready_file_is_as_written_down_private_and_removed_on_sigterm(tmp_path: Path) -> None:
    file = tmp_path / "ready.json"
    with _up("--ready-file", str(file), lines=14) as (process, env):
        ready: dict[str, Any] = json.loads(file.read_text())
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert compile_document("ready.schema")(ready) == []
        assert sorted(ready["rocketchat"]["people"]) == ["admin", "alice", "bob"]
        assert ready["rocketchat"]["bot"]["username"] == "tolmach.bot"
        assert env == {
            "ROCKETCHAT_URL": ready["rocketchat"]["url"],
            "ROCKETCHAT_USER_ID": ready["rocketchat"]["bot"]["id"],
            "ROCKETCHAT_AUTH_TOKEN": ready["rocketchat"]["bot"]["token"],
            "PACHCA_API_BASE": ready["pachca"]["url"],
            "PACHCA_TOKEN": ready["pachca"]["bot"]["token"],
            "PACHCA_WEBHOOK_SECRET": ready["pachca"]["bot"]["webhook_secret"],
            "AWS_ENDPOINT_URL_S3": ready["s3"]["url"],
            "AWS_ACCESS_KEY_ID": ready["s3"]["access_key"],
            "AWS_SECRET_ACCESS_KEY": ready["s3"]["secret_key"],
            "AWS_REGION": ready["s3"]["region"],
            "AWS_DEFAULT_REGION": ready["s3"]["region"],
            "OCG_AGENT_URL": f"{ready['agent']['url']}/chat/completions",
            "OPENAI_BASE_URL": ready["agent"]["url"],
            "OPENAI_API_KEY": ready["agent"]["key"],
        }
        status, out, err = _ended(process, signal.SIGTERM)
    assert (status, out, err) == (0, "", "")
    assert not file.exists()
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_stops_cleanly_even_with_an_open_long_poll(tmp_path: Path) -> None:
    file = tmp_path / "ready.json"
    with _up("agent", "--ready-file", str(file), lines=3) as (process, _):
        control = json.loads(file.read_text())["control"]
        port = int(control["url"].split(":")[2].split("/")[0])
        with closing(socket.create_connection(("127.0.0.1", port))) as poll:
            poll.sendall(
                f"GET /control/clock/wait?version=0&client=x HTTP/1.1\r\nHost: x\r\n"
                f"Authorization: Bearer {control['token']}\r\n\r\n".encode()
            )
            request = urllib.request.Request(
                f"{control['url']}/health", headers={"Authorization": f"Bearer {control['token']}"}
            )
            urllib.request.urlopen(request).close()
            status, out, err = _ended(process, signal.SIGINT)
    assert (status, out, err) == (0, "", "")
    assert not file.exists()


def test_the_same_seed_gives_the_same_people(tmp_path: Path) -> None:
    found = []
    for seed in ("5", "5", "6"):
        file = tmp_path / "ready.json"
        with _up("rocketchat", "--seed", seed, "--ready-file", str(file)) as (process, _):
            ready = json.loads(file.read_text())["rocketchat"]
            found.append([ready["bot"], ready["people"], ready["rooms"]])
            _ended(process, signal.SIGTERM)
    assert found[0] == found[1] != found[2]


def test_a_ready_file_of_another_run_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "ready.json"
    with _up("agent", "--ready-file", str(file)) as (process, _):
        file.write_text("{}")
        _ended(process, signal.SIGTERM)
    assert file.read_text() == "{}"


def test_a_world_file_says_who_is_there(tmp_path: Path) -> None:
    world, file = tmp_path / "world.yaml", tmp_path / "ready.json"
    world.write_text("people: {carol: {}, bot: {username: helper}}\nrooms: {ops: {kind: private}}\n")
    with _up("rocketchat", "--world", str(world), "--ready-file", str(file)) as (process, _):
        ready = json.loads(file.read_text())["rocketchat"]
        _ended(process, signal.SIGTERM)
    assert sorted(ready["people"]) == ["admin", "carol"]
    assert ready["bot"]["username"] == "helper"
    assert ready["rooms"]["ops"]["kind"] == "private"


def test_chosen_ports_are_used(tmp_path: Path) -> None:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with _up("agent", "--port", f"agent={port}", "--port", "control=0", lines=2) as (process, env):
        assert env["OPENAI_BASE_URL"] == f"http://127.0.0.1:{port}/v1"
        _ended(process, signal.SIGTERM)


def test_a_taken_port_is_named_with_the_remedy() -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        message = _refused("agent", "--port", f"agent={port}")
    assert f"port {port} for agent cannot be opened: address already in use" in message
    assert "--port agent=0" in message


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("rocketchta",), 'no fake is called "rocketchta"; there are rocketchat, pachca, s3, agent'),
        (("agent", "--port", "agent"), '"agent" is not NAME=N, for example rocketchat=3000'),
        (("agent", "--port", "agent=99999"), '"agent=99999" is not NAME=N'),
        (("agent", "--port", "rocketchat=0"), '"rocketchat", which does not run; there are agent, control'),
        (("agent", "--world", "/nonexistent.yaml"), "/nonexistent.yaml: the world file cannot be read"),
        (("agent", "--ready-file", "/nonexistent/ready.json"), "cannot be written: No such file"),
    ],
)
def test_a_wrong_command_line_is_refused_in_words(arguments: tuple[str, ...], what: str) -> None:
    assert what in " ".join(_refused(*arguments).split())


def test_a_wrong_world_file_is_refused_by_path_and_field(tmp_path: Path) -> None:
    world = tmp_path / "world.yaml"
    world.write_text("rooms: {ops: {kind: secret}}\n")
    message = _refused("rocketchat", "--world", str(world))
    assert f'{world}: rooms.ops.kind: "secret" is none of public, private' in " ".join(message.split())


def test_the_command_module_imports_click_only() -> None:
    code = (
        "import sys, tolmach_mockservers.cli\n"
        "heavy = {'aiohttp', 'asyncio', 'faker', 'yaml', 'rich', 'jsonschema_rs'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)


def test_a_default_start_loads_nothing_that_it_does_not_use() -> None:
    code = (
        "import asyncio, sys\n"
        "from tolmach_mockservers.server import Fakes\n"
        "async def run():\n"
        "    async with Fakes():\n"
        "        pass\n"
        "asyncio.run(run())\n"
        "heavy = {'pydantic', 'faker', 'yaml', 'rich', 'jsonschema_rs', 'jsonschema'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)


@pytest.mark.parametrize("url", ["nothing", "ftp://127.0.0.1/x", "http://", "http://127.0.0.1:many/"])
def test_a_webhook_that_is_no_address_is_refused(url: str) -> None:
    assert "write it like http://127.0.0.1:3458/pachca/webhook" in _refused("pachca", "--webhook", url)


def test_a_webhook_without_the_fake_that_sends_is_refused() -> None:
    assert "only the fake pachca sends events" in _refused("s3", "--webhook", "http://127.0.0.1:9/")
