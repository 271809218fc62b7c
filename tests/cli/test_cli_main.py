from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from scumble import __version__
from scumble.cli import COMMANDS, main


def modules_after(*arguments: str) -> set[str]:
    """What the command has imported when it is done."""
    code = (
        f"import sys, json; from scumble.cli import main; main({list(arguments)!r}); print(json.dumps([*sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    return {name.split(".")[0] for name in json.loads(done.stdout.splitlines()[-1])} | set(
        json.loads(done.stdout.splitlines()[-1])
    )


def test_the_version_is_told_without_importing_anything_heavy(capsys: pytest.CaptureFixture[str]):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"scumble {__version__}\n"
    assert not {"PySide6", "numpy", "torch", "msgspec"} & modules_after("--version")


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]):
    assert main(["--help"]) == 0
    told = capsys.readouterr().out
    assert all(f"  {command} " in told for command in COMMANDS)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]):
    assert main([command, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"usage: scumble {command}")


@pytest.mark.parametrize("arguments", [["--nonsense"], ["convert"], ["plugin"], ["plugin", "eat", "x"], ["run", "-x"]])
def test_what_is_not_understood_gets_exit_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    assert main(arguments) == 2
    assert "usage: scumble" in capsys.readouterr().err


def test_diagnostics_name_versions_and_folders_and_are_cheap(home: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["diagnostics"]) == 0
    told = capsys.readouterr().out
    assert f"{__version__} (plugin interface 1.0)" in told
    assert str(home / "data") in told
    assert not {"PySide6", "torch", "diffusers"} & modules_after("diagnostics")
    assert not home.exists()


@pytest.mark.parametrize("ending", ["ora", "png", "jpg", "webp", "tif", "bmp"])
def test_a_picture_is_converted_to_any_format(work: Path, ending: str):
    assert main(["convert", "picture.png", f"out.{ending}"]) == 0
    assert main(["convert", f"out.{ending}", "back.png"]) == 0
    with Image.open("picture.png") as before, Image.open("back.png") as after:
        assert after.size == before.size
        if ending not in ("jpg", "webp"):
            assert after.convert("RGB").tobytes() == before.tobytes()


def test_quality_counts(work: Path):
    assert main(["convert", "picture.png", "good.jpg", "--quality", "95"]) == 0
    assert main(["convert", "picture.png", "poor.jpg", "--quality", "20"]) == 0
    assert Path("poor.jpg").stat().st_size < Path("good.jpg").stat().st_size
    assert main(["convert", "picture.png", "x.jpg", "--quality", "0"]) == 2


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["none.png", "out.png"], 1, "There is no file “none.png”."),
        (["note.png", "out.png"], 1, "“note.png” is not a picture that Scumble can read."),
        (["picture.png", "out.xyz"], 2, "“out.xyz” has an ending that Scumble does not know."),
    ],
)
def test_a_conversion_that_fails_says_why(
    work: Path, arguments: list[str], code: int, sentence: str, capsys: pytest.CaptureFixture[str]
):
    Path("note.png").write_text("This is no picture.\n")
    assert main(["convert", *arguments]) == code
    assert capsys.readouterr().err.startswith(f"scumble: {sentence}")
    assert not list(work.glob("out.*"))


def test_a_conversion_imports_no_widgets_and_no_torch(work: Path):
    loaded = modules_after("convert", "picture.png", "out.png")
    assert not {"PySide6.QtWidgets", "torch"} & loaded
