from __future__ import annotations

import argparse
import io

import msgspec
import pytest

from scumble.api import Tool
from scumble.cli.options import given_params, given_pictures, tool_parser
from scumble.cli.progress import ProgressLine

TOOL = msgspec.convert(
    {
        "id": "glow",
        "title": "Glow",
        "summary": "Shines at 100 %.",
        "result": "masked-layer",
        "inputs": [
            {"name": "image", "kind": "canvas"},
            {"name": "mask", "kind": "selection", "optional": True},
            {"name": "style_picture", "kind": "picture", "title": "Style"},
        ],
        "params": {
            "prompt": {"type": "prompt", "title": "Prompt", "default": ""},
            "strength": {"type": "number", "title": "Strength", "default": 0.5, "minimum": 0, "maximum": 1},
            "seed": {"type": "seed", "title": "Seed", "default": -1},
            "soft_edge": {"type": "boolean", "title": "Soft edge", "default": True},
            "method": {"type": "enum", "title": "Method", "default": "a", "choices": ["a", "b"], "help": "At 50 %."},
            "width": {"type": "size", "title": "Width", "default": 256, "minimum": 64, "maximum": 512, "unit": "px"},
        },
    },
    Tool,
)
NEEDED = ["--image", "i.png", "--style-picture", "s.png", "--out", "o.png"]


def parse(*arguments: str) -> argparse.Namespace:
    return tool_parser(TOOL).parse_args([*NEEDED, *arguments])


def test_help_gives_title_range_and_default_of_each_parameter():
    told = " ".join(tool_parser(TOOL).format_help().split())
    for line in (
        "--prompt TEXT Prompt (default: “”).",
        "--strength NUMBER Strength, a number from 0 to 1 (default: 0.5).",
        "--seed NUMBER Seed, a whole number from 0 to 4294967295, or -1 for a new one (default: a new one).",
        "--soft-edge [YES|NO] Soft edge, true or false (default: yes).",
        "--method CHOICE Method, one of a, b (default: “a”). At 50 %.",
        "--width PIXELS Width, a multiple of 8 from 64 to 512 px (default: 256).",
        "Shines at 100 %.",
    ):
        assert line in told


def test_a_summary_cannot_upset_the_help():
    tool = msgspec.structs.replace(TOOL, summary="%(prog)s at 100 % x")
    assert "%(prog)s at 100 % x" in tool_parser(tool).format_help()


def test_only_what_was_given_is_handed_on():
    assert given_params(TOOL, parse()) == {}
    options = parse("--strength", "0.2", "--soft-edge", "no", "--seed", "-1", "--prompt", "a -b --c")
    assert given_params(TOOL, options) == {"prompt": "a -b --c", "strength": "0.2", "seed": "-1", "soft_edge": "no"}
    assert given_params(TOOL, parse("--soft-edge")) == {"soft_edge": "true"}


def test_pictures_are_found_under_the_names_of_the_inputs():
    assert {name: str(path) for name, path in given_pictures(TOOL, parse()).items()} == {"style_picture": "s.png"}


@pytest.mark.parametrize("arguments", [["--stren", "1"], ["--grow", "-1"], ["--feather", "x"], ["extra"]])
def test_wrong_options_are_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        parse(*arguments)
    assert ended.value.code == 2
    assert capsys.readouterr().err != ""


@pytest.mark.parametrize("left_out", ["--image", "--style-picture", "--out"])
def test_what_a_tool_needs_must_be_given(left_out: str, capsys: pytest.CaptureFixture[str]):
    place = NEEDED.index(left_out)
    with pytest.raises(SystemExit):
        tool_parser(TOOL).parse_args(NEEDED[:place] + NEEDED[place + 2 :])
    assert f"the following arguments are required: {left_out}" in capsys.readouterr().err


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_one_line_that_is_written_over():
    stream = Terminal()
    line = ProgressLine(stream)
    line.show(0, 4, None)
    line.show(2, 4, 61.2)
    line.show(4, 4, 0.0)
    line.close()
    shown = stream.getvalue().split("\r")
    assert shown[1] == "[" + "." * 30 + "] 0/4"
    assert shown[2] == "[" + "#" * 15 + "." * 15 + "] 2/4, 61 s left"
    assert shown[3].rstrip() == "[" + "#" * 30 + "] 4/4"
    assert shown[4].strip() == ""
    assert "\n" not in stream.getvalue()


def test_a_file_gets_a_line_each_tenth():
    stream = io.StringIO()
    line = ProgressLine(stream)
    for step in range(101):
        line.show(step, 100, 200.0)
    line.close()
    lines = stream.getvalue().splitlines()
    assert len(lines) == 11
    assert lines[5] == "step 50 of 100, 3 min left"
