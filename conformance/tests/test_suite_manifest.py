"""Manifests: what a subject says of itself, and errors that help."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from tolmach_conformance.behaviour import UNSET
from tolmach_conformance.manifest import BUNDLED, ManifestError, load_manifest

GOOD = """name: mine
version: 2.0.0
platforms: [rocketchat]
command: [node, main.js]
ready: {http: "http://127.0.0.1:{port}/", within: 5}
settings: {dmPolicy: policy}
fixed: {groupPolicy: open}
"""


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "subject.yaml"
    file.write_text(text)
    return file


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_manifests_load_by_name(name: str) -> None:
    assert load_manifest(name).name == name


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ("within: 5", "withn: 5"),
            r"subject\.yaml:5: ready\.withn: unknown field; known here are file, http",
        ),
        (("version: 2.0.0\n", ""), r"subject\.yaml: version: is missing"),
        (("within: 5", "within: soon"), r"subject\.yaml:5: ready\.within: "),
        (("command: [node, main.js]\n", ""), r"exactly one of command"),
        (('http: "http://127.0.0.1:{port}/", ', ""), r"subject\.yaml:5: ready: write exactly one of http"),
        (("name: mine", "name: [mine"), r"subject\.yaml:\d: not YAML"),
        (("name: mine", "nam: mine"), r"subject\.yaml:1: nam: unknown field"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_field(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    with pytest.raises(ManifestError, match=message):
        load_manifest(write(tmp_path, GOOD.replace(*change)))


def test_a_missing_file_names_the_bundled_ones(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="tolmach-rocketchat"):
        load_manifest(tmp_path / "nothing.yaml")


def test_a_setting_is_claimed_only_where_it_is_mapped_or_fixed_to_that(tmp_path: Path) -> None:
    manifest = load_manifest(write(tmp_path, GOOD))
    assert manifest.lacks({"dmPolicy": "open"}, [], UNSET) is None
    assert manifest.lacks({"groupPolicy": "open"}, [], UNSET) is None
    assert (
        manifest.lacks({"groupPolicy": "allowlist"}, [], UNSET) == "the subject always has groupPolicy: open"
    )
    assert manifest.lacks({"groupPolicy": UNSET}, [], UNSET) == "the subject always has groupPolicy: open"
    assert manifest.lacks({"models": []}, [], UNSET) == "the manifest maps no setting models"
    assert manifest.lacks({}, ["users"], UNSET) == "the manifest maps no setting groups.*.users"


async def test_an_unknown_placeholder_ends_the_run_with_one_error(tmp_path: Path) -> None:
    manifest = tmp_path / "subject.yaml"
    manifest.write_text(
        'name: x\nversion: "1"\nplatforms: [rocketchat]\ncommand: [sh, -c, "exit 1"]\n'
        'env: {URL: "{sever_url}"}\nready: {stdout: ready}\n'
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tolmach", "conformance", "run", str(manifest), "--only", "1,3,60",
        "--out", str(tmp_path / "out"), stdout=PIPE, stderr=PIPE,
    )  # fmt: skip
    _, said = await process.communicate()
    assert process.returncode == 2
    assert said.decode().count("{sever_url}") == 1
    assert "server_url" in said.decode()
