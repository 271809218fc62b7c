from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scumble.cli import main

COMMUNITY = Path(__file__).parents[1] / "community_plugin"
GLOW = "org.example.glow"


def listed(capsys: pytest.CaptureFixture[str]) -> dict[str, dict]:
    capsys.readouterr()
    assert main(["plugin", "list", "--json"]) == 0
    return {plugin["id"]: plugin for plugin in json.loads(capsys.readouterr().out)}


def changed(before: str, after: str) -> np.ndarray:
    with Image.open(before) as one, Image.open(after) as other:
        return (np.array(one.convert("RGB")) != np.array(other.convert("RGB"))).any(axis=-1)


def test_a_strangers_wheel_goes_the_whole_way(
    glow_wheel: Path, home: Path, work: Path, scumble, capsys: pytest.CaptureFixture[str]
):
    assert main(["plugin", "install", str(glow_wheel)]) == 0
    assert capsys.readouterr().out == "Glow 1.0.0 is installed.\n  scumble run glow --help\n"
    assert listed(capsys)[GLOW] == {
        "id": GLOW,
        "title": "Glow",
        "name": "scumble-glow",
        "version": "1.0.0",
        "origin": "installed",
        "enabled": True,
        "fault": "",
        "folder": str(home / "data" / "plugins" / GLOW / "1.0.0"),
        "tools": ["glow"],
    }
    done = scumble("run", "glow", "--image", "picture.png", "--mask", "mask.png", "--strength", "0.9", "--out", "b.png")
    assert (done.returncode, done.stdout) == (0, "b.png\n")
    assert done.stderr.splitlines()[-1] == "step 3 of 3"
    with Image.open("mask.png") as mask:
        selected = np.array(mask) > 0
    assert changed("picture.png", "b.png")[selected].mean() > 0.9
    assert not changed("picture.png", "b.png")[~selected].any()

    assert main(["plugin", "disable", GLOW]) == 0
    assert not listed(capsys)[GLOW]["enabled"]
    assert main(["run", "glow", "--image", "picture.png", "--out", "c.png"]) == 2
    assert capsys.readouterr().err.startswith("scumble: There is no tool called “glow”. The tools are: ")
    assert main(["plugin", "enable", "scumble-glow"]) == 0
    assert listed(capsys)[GLOW]["enabled"]

    assert main(["plugin", "remove", GLOW]) == 0
    assert GLOW not in listed(capsys)
    assert not (home / "data" / "plugins" / GLOW).exists()
    assert main(["plugin", "remove", GLOW]) == 1
    assert capsys.readouterr().err == f"scumble: No plugin called “{GLOW}” is installed.\n"


def test_a_strangers_working_folder_runs_as_it_is(work: Path, scumble, capsys: pytest.CaptureFixture[str]):
    before = sorted(path.name for path in COMMUNITY.iterdir())
    assert main(["plugin", "install", str(COMMUNITY), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["origin"] == "link"
    done = scumble("run", "glow", "--image", "picture.png", "--out", "b.ora", "--open-raster")
    assert (done.returncode, done.stdout) == (0, "b.ora\n")
    assert main(["convert", "b.ora", "b.png"]) == 0
    assert changed("picture.png", "b.png").any()
    assert sorted(path.name for path in COMMUNITY.iterdir()) == before


def test_the_strangers_own_tests_pass():
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(COMMUNITY), os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(COMMUNITY)]
    done = subprocess.run(
        [*command, "-c", str(COMMUNITY / "pyproject.toml"), str(COMMUNITY / "tests")],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert (done.returncode, "3 passed" in done.stdout) == (0, True), done.stdout


def test_what_a_plugin_asks_for_is_told_when_it_is_installed(odd_plugin, capsys: pytest.CaptureFixture[str]):
    folder = odd_plugin("pass")
    manifest = folder / "scumble_odd" / "scumble.toml"
    manifest.write_text(manifest.read_text() + '[permissions.network]\nreason = "To fetch the weather."\n')
    assert main(["plugin", "install", str(folder)]) == 0
    assert "  It asks for network: To fetch the weather.\n" in capsys.readouterr().out


def test_a_refused_plugin_gets_one_sentence_and_exit_code_1(work: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["plugin", "install", "picture.png"]) == 1
    assert capsys.readouterr().err == (
        "scumble: “picture.png” was not installed, because it is not a wheel (.whl), and building one from sources "
        "would run code.\n"
    )


def test_rollback_needs_a_version_before(glow_wheel: Path, capsys: pytest.CaptureFixture[str]):
    main(["plugin", "install", str(glow_wheel)])
    assert main(["plugin", "rollback", GLOW]) == 1
    assert capsys.readouterr().err == "scumble: There is no earlier version of the plugin “Glow” to go back to.\n"


def test_the_plain_list_shows_state_and_faults(odd_plugin, capsys: pytest.CaptureFixture[str]):
    folder = odd_plugin("pass")
    main(["plugin", "install", str(folder)])
    (folder / "scumble_odd" / "scumble.toml").write_text("")
    capsys.readouterr()
    main(["plugin", "list"])
    lines = capsys.readouterr().out.splitlines()
    place = next(index for index, line in enumerate(lines) if line.startswith("org.example.odd "))
    assert lines[place].split() == ["org.example.odd", "1.0", "link", "bad", "no", "tools"]
    assert lines[place + 1].startswith("    The plugin's manifest is not valid: ")
