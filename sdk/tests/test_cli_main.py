import json
import subprocess
import sys
from pathlib import Path

import pytest

from tolmach.cli.main import main
from tolmach.version import __version__

GOOD = """
agentUrl: http://127.0.0.1:9/v1
channels:
  rocketchat: {serverUrl: "https://chat.example.com", userId: u, pat: sentinel-token, commandAllowFrom: [u2],
               allowFrom: [u1], groups: {r1: {}}}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "bot.yaml"
    file.write_text(GOOD + f"stateDir: {tmp_path / 'state'}\n")
    return file


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )


def without(*packages: str) -> str:
    """Return code after which the packages cannot be imported, as in a lean installation."""
    block = f"sys.modules.update(dict.fromkeys({list(packages)!r}))"
    return f"import sys; {block}; from tolmach.cli.main import main; "


LEAN = ("click", "rich", "yaml", "faker", "jsonschema", "jsonschema_rs", "openapi_core")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "tolmach needs its command line: pip install 'tolmach[cli]'"),
        (["up", "rocketchat"], "tolmach up needs the fakes: pip install 'tolmach[mock]'"),
        (["conformance", "run"], "tolmach conformance needs the suite: pip install 'tolmach[conformance]'"),
        (["gateway", "start"], "tolmach gateway needs its parts: pip install 'tolmach[gateway]'"),
    ],
)
def test_a_lean_installation_names_the_extra(arguments: list[str], message: str):
    done = python(without(*LEAN) + f"sys.exit(main({arguments!r}))")
    assert (done.returncode, done.stderr.strip()) == (2, message)


def test_a_lean_installation_still_helps():
    done = python(without(*LEAN) + "sys.exit(main(['--help']))")
    assert done.returncode == 0
    assert "Usage: tolmach" in done.stdout
    assert "tolmach up needs the fakes: pip install 'tolmach[mock]'" in done.stdout


def test_a_lean_installation_knows_its_version():
    for arguments in (["version"], ["--version"]):
        done = python(without(*LEAN) + f"sys.exit(main({arguments!r}))")
        assert (done.returncode, done.stdout.strip()) == (0, f"tolmach {__version__}")


def test_help_imports_neither_aiohttp_nor_pydantic_nor_a_command():
    done = python(
        "import sys; from tolmach.cli.main import main; code = main(['--help']); "
        "heavy = {'aiohttp', 'pydantic', 'rich', 'yaml', 'tolmach_mockservers', 'tolmach_conformance'}; "
        "print(sorted(heavy & set(sys.modules))); sys.exit(code)"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"
    for command in ("up", "conformance", "gateway", "channels", "pairing", "doctor", "version"):
        assert f"\n  {command} " in done.stdout


def test_a_command_loads_no_other_command():
    done = python(
        "import sys; from tolmach.cli.main import main; main(['gateway', '--help']); "
        "print({'tolmach_mockservers', 'tolmach.cli.pairing', 'aiohttp'} & set(sys.modules))"
    )
    assert done.stdout.splitlines()[-1] == "set()"


def test_the_module_is_the_command():
    done = subprocess.run(
        [sys.executable, "-m", "tolmach", "version"], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout.strip() == f"tolmach {__version__}"


def test_an_unknown_command_is_a_usage_error(capsys: pytest.CaptureFixture[str]):
    assert main(["nonsense"]) == 2
    assert "No such command 'nonsense'" in capsys.readouterr().err


def test_a_broken_configuration_is_exit_code_2_and_no_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    file = tmp_path / "bot.yaml"
    file.write_text(
        GOOD.replace("userId: u", "userId: u, dmPolicy: everyone").replace("allowFrom: [u1],", "")
    )
    for command in (["gateway", "start"], ["doctor"]):
        assert main([*command, "--config", str(file)]) == 2
        out, err = capsys.readouterr()
        assert 'channels.rocketchat.dmPolicy: "everyone" is none of pairing' in out + err
        assert "bot.yaml:4" in out + err
        assert "Traceback" not in out + err
        assert "sentinel" not in out + err


def test_no_configuration_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TOLMACH_CONFIG", raising=False)
    monkeypatch.delenv("OCG_CONFIG_PATH", raising=False)
    assert main(["channels", "list"]) == 2
    assert "--config FILE" in capsys.readouterr().err
    assert main(["channels", "list", "--config", "nowhere.yaml"]) == 2
    assert "nowhere.yaml" in capsys.readouterr().err


def test_the_configuration_is_found_by_its_usual_name_and_by_the_environment(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.delenv("TOLMACH_CONFIG", raising=False)
    monkeypatch.delenv("OCG_CONFIG_PATH", raising=False)
    monkeypatch.chdir(config.parent)
    assert main(["doctor"]) == 0
    monkeypatch.chdir("/")
    monkeypatch.setenv("OCG_CONFIG_PATH", str(config))
    assert main(["doctor"]) == 0
    assert "nothing to complain about" in capsys.readouterr().out


def test_channels_are_listed(config: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["channels", "list", "--json", "--config", str(config)]) == 0
    out = capsys.readouterr().out
    assert json.loads(out) == [
        {
            "channel": "rocketchat",
            "account": "default",
            "enabled": True,
            "configured": True,
            "server": "https://chat.example.com",
            "credential": "config",
            "agentUrl": "http://127.0.0.1:9/v1",
        }
    ]
    assert main(["channels", "list", "--config", str(config)]) == 0
    assert "https://chat.example.com" in capsys.readouterr().out


@pytest.mark.parametrize(
    "command",
    [["gateway", "stop"], ["gateway", "test"], ["pairing", "list"], ["pairing", "approve", "ABCD2345"]],
)
def test_a_gateway_that_does_not_run_is_said_so(
    config: Path, command: list[str], capsys: pytest.CaptureFixture[str]
):
    assert main([*command, "--config", str(config)]) == 1
    assert "no gateway is running for this configuration" in capsys.readouterr().err


def test_what_is_missing_is_not_masked_as_if_it_were_the_secret(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("PACHCA_WEBHOOK_SECRET", raising=False)
    file = tmp_path / "bot.yaml"
    file.write_text("channels: {pachca: {token: sentinel-token}}\nagentUrl: http://127.0.0.1:9/v1\n")
    assert main(["gateway", "start", "--config", str(file)]) == 2
    said = capsys.readouterr().err
    assert "channels.pachca.webhookSecret: is missing" in said
    assert "sentinel" not in said


def test_the_status_of_a_gateway_that_does_not_run(config: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["gateway", "status", "--json", "--config", str(config)]) == 1
    snapshot = json.loads(capsys.readouterr().out)
    assert snapshot["pid"] is None
    assert [(one["lifecycle"], one["connected"]) for one in snapshot["accounts"]] == [("stopped", False)]


@pytest.mark.parametrize(
    ("change", "warning"),
    [
        (("allowFrom: [u1],", "dmPolicy: allowlist,"), "allowFrom is empty"),
        (("allowFrom: [u1],", 'dmPolicy: open, allowFrom: ["*"],'), "dmPolicy is open"),
        (("groups: {r1: {}}", "groupPolicy: open"), "groupPolicy is open"),
        (("allowFrom: [u1],", 'allowFrom: ["@alice"],'), "holds the name @alice"),
        (("pat:", "dangerouslyAllowInsecure: true, pat:"), "dangerouslyAllowInsecure is on"),
        (("commandAllowFrom: [u2],", ""), "commandAllowFrom is not set"),
        (("agentUrl: http://127.0.0.1:9/v1", ""), "agentUrl is not set"),
    ],
)
def test_the_doctor_warns(
    tmp_path: Path, change: tuple[str, str], warning: str, capsys: pytest.CaptureFixture[str]
):
    file = tmp_path / "bot.yaml"
    file.write_text(GOOD.replace(*change, 1))
    assert main(["doctor", "--config", str(file)]) == 0
    assert warning in capsys.readouterr().out


def test_the_unforeseen_is_one_line_with_a_hint(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def fail(*_: object) -> None:
        raise ZeroDivisionError("of a kind\nthat nobody foresaw")

    monkeypatch.setattr("tolmach.gateway.config.load_plan", fail)
    assert main(["doctor", "--config", str(config)]) == 1
    assert capsys.readouterr().err == (
        "unexpected ZeroDivisionError: of a kind that nobody foresaw\n"
        "Run it again with --debug for the details.\n"
    )
    assert main(["--debug", "doctor", "--config", str(config)]) == 1
    assert "Traceback" in capsys.readouterr().err
