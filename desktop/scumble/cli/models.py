"""`scumble models`: the models on this machine."""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Sequence

from scumble.app.headless import Headless
from scumble.cli.report import reported


@reported
def main(arguments: Sequence[str]) -> int:
    """Lists the models; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="scumble models", description="Lists the models on this machine.", allow_abbrev=False
    )
    parser.add_argument("--json", action="store_true", help="print the list as JSON")
    options = parser.parse_args(arguments)
    with Headless(warm_up=False) as program:
        models = program.models()
    if options.json:
        print(json.dumps([dataclasses.asdict(model) for model in models], indent=2))
        return 0
    for model in models:
        kind = f"{model.family}, inpainting" if model.inpainting else model.family
        print(f"{model.id:<28} {model.native:>5} px  {kind:<24} {model.title}")
    return 0
