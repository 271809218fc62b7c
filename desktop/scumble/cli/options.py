"""A tool's options, made from its manifest: what the form shows in the window, the command line shows in its help."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from scumble.api import Param, ParamValue, Tool
from scumble.generation import Blend
from scumble.plugins import expected, option_name

_METAVARS: Final = {
    "number": "NUMBER",
    "integer": "NUMBER",
    "boolean": "YES|NO",
    "enum": "CHOICE",
    "file": "NAME",
    "text": "TEXT",
    "prompt": "TEXT",
    "seed": "NUMBER",
    "size": "PIXELS",
    "colour": "#RRGGBB",
    "curve": "POINTS",
    "levels": "NUMBERS",
}
_PARAM = "param:"
_INPUT = "input:"


def tool_parser(tool: Tool) -> argparse.ArgumentParser:
    """The parser of `scumble run TOOL`."""
    parser = argparse.ArgumentParser(
        prog=f"scumble run {tool.id}",
        description=_description(tool.summary or tool.title),
        allow_abbrev=False,
    )
    _add_files(parser, tool)
    if tool.model:
        parser.add_argument("--model", metavar="ID", default="", help="the model to use (default: the first there is)")
    if tool.result == "masked-layer":
        for name, meaning in (("grow", "grow the selection by"), ("feather", "fade the result outward over")):
            if name not in tool.params:
                parser.add_argument(
                    f"--{name}",
                    type=_length,
                    default=0,
                    metavar="PIXELS",
                    help=f"{meaning} so many pixels (default: 0)",
                )
    parameters = parser.add_argument_group("parameters")
    for name, param in tool.params.items():
        _add_param(parameters, name, param)
    return parser


def given_params(tool: Tool, options: argparse.Namespace) -> dict[str, ParamValue]:
    """The parameters that were given, as text."""
    values = {name: getattr(options, _PARAM + name) for name in tool.params}
    return {name: value for name, value in values.items() if value is not None}


def given_pictures(tool: Tool, options: argparse.Namespace) -> dict[str, Path]:
    """The files for inputs of kind `picture`, by the name of the input."""
    values = {each.name: getattr(options, _INPUT + each.name) for each in tool.inputs if each.kind == "picture"}
    return {name: path for name, path in values.items() if path is not None}


def given_blend(options: argparse.Namespace) -> Blend:
    """How the result meets its surroundings; as it is where the tool makes no masked layer."""
    return Blend(getattr(options, "grow", 0), getattr(options, "feather", 0))


def _add_files(parser: argparse.ArgumentParser, tool: Tool) -> None:
    files = parser.add_argument_group("files")
    grounds = [each for each in tool.inputs if each.kind in ("canvas", "layer")]
    if grounds:
        needed = not all(each.optional for each in grounds)
        files.add_argument("--image", type=Path, required=needed, metavar="FILE", help="the picture to work on")
    masks = [each for each in tool.inputs if each.kind == "selection"]
    if masks or tool.result == "adjustment":
        needed = not all(each.optional for each in masks)
        help_text = "a picture of the same size: what is white in it may change, what is black stays"
        files.add_argument("--mask", type=Path, required=needed, metavar="FILE", help=help_text)
    for each in tool.inputs:
        if each.kind == "picture":
            files.add_argument(
                f"--{option_name(each.name)}",
                dest=_INPUT + each.name,
                type=Path,
                required=not each.optional,
                metavar="FILE",
                help=_escape(each.title or each.name),
            )
    files.add_argument("--out", type=Path, required=True, metavar="FILE", help="where to write; .ora keeps the layers")
    files.add_argument("--open-raster", action="store_true", help="write a file with layers (.ora) beside it as well")


def _add_param(group: argparse._ArgumentGroup, name: str, param: Param) -> None:
    switch = param.type == "boolean"
    group.add_argument(
        f"--{option_name(name)}",
        dest=_PARAM + name,
        default=None,
        nargs="?" if switch else None,
        const="true" if switch else None,
        metavar=_METAVARS[param.type],
        help=_escape(_describe(param)),
    )


def _describe(param: Param) -> str:
    default = f"“{param.default}”" if isinstance(param.default, str) else _value(param.default)
    if param.type == "seed" and param.default == -1:
        default = "a new one"
    unit = f" {param.unit}" if param.unit else ""
    kind = "" if param.type in ("text", "prompt") else f", {expected(param)}{unit}"
    sentence = f" {param.help}" if param.help else ""
    return f"{param.title}{kind} (default: {default}).{sentence}"


def _value(default: ParamValue) -> str:
    if isinstance(default, bool):
        return "yes" if default else "no"
    return f"{default:g}" if isinstance(default, float) else str(default)


def _length(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 1000:
        raise argparse.ArgumentTypeError(f"{text} is not from 0 to 1000")
    return value


def _description(text: str) -> str:
    """A description is formatted by argparse only where it names the program."""
    return _escape(text) if "%(prog)" in text else text


def _escape(text: str) -> str:
    """argparse reads % as its own."""
    return text.replace("%", "%%")
