"""Build the distributions, look inside, and use them as a stranger would.

Lean: only aiohttp and pydantic beside it. Full: the suite runs from the wheel, away from the checkout.
"""

import json
import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("tolmach", "tolmach_mockservers", "tolmach_schemas", "tolmach_conformance")
pytestmark = pytest.mark.release


def run(*command: object, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    """Run a command to its end and return what it printed; a failure shows its output."""
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the wheel and the sdist, built from the checkout."""
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", out, ROOT)
    (wheel,) = out.glob("*.whl")
    (sdist,) = out.glob("*.tar.gz")
    return wheel, sdist


def environment(home: Path, *requirements: object) -> Path:
    """Make an environment with these requirements and return its interpreter."""
    venv.create(home, with_pip=True)
    python = home / "bin" / "python"
    pip = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "-c",
        ROOT / "constraints.txt",
    ]
    run(*pip, *requirements)
    return python


def stranger(home: Path) -> dict[str, str]:
    """Return the environment of somebody without a checkout or a home."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "TOLMACH", "ROCKETCHAT"))
    }
    return {**kept, "HOME": str(home)}


def test_the_wheel_holds_the_packages_their_types_and_their_data(distributions: tuple[Path, Path]) -> None:
    names = zipfile.ZipFile(distributions[0]).namelist()
    for package in PACKAGES:
        assert f"{package}/__init__.py" in names
        assert f"{package}/py.typed" in names
    for data in (
        "tolmach_schemas/rocketchat/openapi.json",
        "tolmach_schemas/agent/openapi.json",
        "tolmach_schemas/control/openapi.json",
        "tolmach_schemas/report.schema.json",
        "tolmach_conformance/catalogue.json",
        "tolmach_conformance/subjects/tolmach-rocketchat.yaml",
        "tolmach_conformance/subjects/tolmach-pachca.yaml",
        "tolmach_schemas/pachca/openapi.json",
    ):
        assert data in names, data
    assert not [
        name for name in names if "/tests/" in name or name.startswith(("examples", "tests", "benchmarks"))
    ]


def test_the_sdist_holds_what_a_packager_needs(distributions: tuple[Path, Path]) -> None:
    with tarfile.open(distributions[1]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for needed in (
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "Makefile",
        "constraints.txt",
        "sdk/tests",
        "examples",
    ):
        assert any(name == needed or name.startswith(f"{needed}/") for name in names), needed
    assert not [name for name in names if name.startswith((".venv", "build/"))]


def test_a_lean_install_imports_runs_and_names_the_extra(
    distributions: tuple[Path, Path], tmp_path: Path
) -> None:
    python = environment(tmp_path / "lean", distributions[0])
    env = stranger(tmp_path)
    installed = json.loads(run(python, "-m", "pip", "list", "--format", "json"))
    assert not {"click", "rich", "jsonschema"} & {each["name"].lower() for each in installed}
    run(
        python,
        "-W",
        "error",
        "-c",
        "import tolmach, tolmach.rocketchat; tolmach.rocketchat.RocketChat",
        cwd=tmp_path,
        env=env,
    )
    run(python, "-W", "error", "-c", "from tolmach import Bot", cwd=tmp_path, env=env)
    tolmach = python.parent / "tolmach"
    assert "0.1.0" in run(tolmach, "version", cwd=tmp_path, env=env)
    assert "gateway" in run(tolmach, "--help", cwd=tmp_path, env=env)
    up = subprocess.run(
        [str(tolmach), "up"], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert up.returncode == 2
    assert "pip install 'tolmach[mock]'" in up.stderr
    assert "Traceback" not in up.stderr


def test_a_lean_users_own_pytest_still_runs(distributions: tuple[Path, Path], tmp_path: Path) -> None:
    python = environment(tmp_path / "lean", distributions[0], "pytest")
    (tmp_path / "test_mine.py").write_text("def test_mine():\n    assert True\n")
    said = run(
        python, "-W", "error", "-m", "pytest", "-q", "test_mine.py", cwd=tmp_path, env=stranger(tmp_path)
    )
    assert "1 passed" in said


def test_the_suite_runs_from_the_wheel(distributions: tuple[Path, Path], tmp_path: Path) -> None:
    python = environment(tmp_path / "full", f"{distributions[0]}[gateway,conformance]")
    out = tmp_path / "report"
    command = [
        python.parent / "tolmach",
        "conformance",
        "run",
        "tolmach-rocketchat",
        "--only",
        "1,3,60",
        "--out",
        out,
    ]
    run(*command, cwd=tmp_path, env=stranger(tmp_path))
    report = json.loads((out / "report.json").read_text())
    assert {row["number"]: row["verdict"] for row in report["results"]} == {1: "pass", 3: "pass", 60: "pass"}
