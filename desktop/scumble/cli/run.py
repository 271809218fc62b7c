"""`scumble run TOOL`: runs a tool on files, through the same service and engine as the window."""

from __future__ import annotations

import argparse
import sys
import uuid
from collections.abc import Sequence

from scumble.api import ModelInfo, ParamValue, Tool, ToolJob, ToolResult
from scumble.app.adjustrun import adjust
from scumble.app.headless import Headless
from scumble.app.toolrun import (
    Request,
    open_request,
    out_paths,
    outcomes,
    prepare_request,
    write_outcome,
)
from scumble.cli.options import given_blend, given_params, given_pictures, tool_parser
from scumble.cli.progress import ProgressLine
from scumble.cli.report import complain, reported
from scumble.document import Document
from scumble.generation import modes
from scumble.plugins import Catalogue, InstalledPlugin, resolve_params
from scumble.settings.paths import standard_paths


@reported
def main(arguments: Sequence[str]) -> int:
    """Runs a tool; returns the exit code."""
    catalogue = Catalogue(standard_paths().plugins)
    if not arguments or arguments[0].startswith("-"):
        _overview(catalogue).parse_args(arguments)
        return 0
    plugin, tool = catalogue.find_tool(arguments[0])
    options = tool_parser(tool).parse_args(arguments[1:])
    return _run(plugin, tool, options)


def _run(plugin: InstalledPlugin, tool: Tool, options: argparse.Namespace) -> int:
    request = Request(
        plugin=plugin,
        tool=tool,
        params=resolve_params(tool, _with_mode(tool, given_params(tool, options))),
        image=getattr(options, "image", None),
        mask=getattr(options, "mask", None),
        pictures=given_pictures(tool, options),
        blend=given_blend(options),
    )
    out_paths(options.out, 1)
    with Headless(warm_up=tool.model) as program:
        document = open_request(request)
        if tool.result == "adjustment":
            return _adjusted(program, document, request, options)
        model = program.find_model(options.model) if tool.model else None
        prepared = prepare_request(request, document, uuid.uuid4().hex, model)
        if model is not None:
            _ask_tokens(program, model, request)
        result = _watched(program, prepared.job)
    for path, candidate, outcome in zip(
        out_paths(options.out, len(result.candidates)),
        result.candidates,
        outcomes(document, prepared, result),
        strict=True,
    ):
        for written in write_outcome(outcome, path, open_raster=options.open_raster):
            print(f"{written}  (seed {candidate.seed})" if _has_seed(tool) else written)
    return 0


def _with_mode(tool: Tool, given: dict[str, ParamValue]) -> dict[str, ParamValue]:
    """What was given, and what a mode brings with it that was not."""
    mode = given.get(modes.with_ui(tool, "mode"))
    return given if mode is None else {**modes.begun(tool, str(mode)), **given}


def _adjusted(program: Headless, document: Document, request: Request, options: argparse.Namespace) -> int:
    """Writes the picture with its top layer adjusted."""
    adjust(document, request, program.run)
    for written in write_outcome(document, options.out, open_raster=options.open_raster):
        print(written)
    return 0


def _watched(program: Headless, job: ToolJob) -> ToolResult:
    """The result of a job whose progress is shown, with what there is to remark on it."""
    line = ProgressLine(sys.stderr)
    try:
        result = program.run(job, line.show)
    finally:
        line.close()
    for remark in program.too_long():
        complain(str(remark))
    return result


def _ask_tokens(program: Headless, model: ModelInfo, request: Request) -> None:
    for name, param in request.tool.params.items():
        if param.type == "prompt":
            program.ask_tokens(model, str(request.params[name]))


def _has_seed(tool: Tool) -> bool:
    return any(param.type == "seed" for param in tool.params.values())


def _overview(catalogue: Catalogue) -> argparse.ArgumentParser:
    tools = catalogue.tools()
    width = max((len(tool.id) for _, tool in tools), default=0)
    listed = "".join(f"  {tool.id:<{width}}  {tool.summary or tool.title}\n" for _, tool in tools)
    parser = argparse.ArgumentParser(
        prog="scumble run",
        usage="scumble run TOOL --out FILE …",
        description="Runs a tool without a window.",
        epilog=f"tools (scumble run TOOL --help explains one):\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("tool", metavar="TOOL", help="the id of a tool")
    return parser
