"""`scumble replay PICTURE`: makes the generated layers again, and tells which come out the same."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from scumble.app.headless import Headless
from scumble.app.replay import Replayed, replay
from scumble.cli.progress import ProgressLine
from scumble.cli.report import FAILED, complain, reported
from scumble.files import open_document


@reported
def main(arguments: Sequence[str]) -> int:
    """Replays a picture; returns 0 where every layer is the same, 1 where one is not or could not be made again."""
    parser = argparse.ArgumentParser(
        prog="scumble replay",
        description="Makes the generated layers of a picture again from their recipes and compares every pixel. "
        "The picture is not changed. Ends with 1 unless all are the same.",
        allow_abbrev=False,
    )
    parser.add_argument("picture", type=Path, metavar="PICTURE", help="an OpenRaster file (.ora)")
    parser.add_argument("--layer", metavar="NAME", default="", help="only the layers of this name")
    options = parser.parse_args(arguments)
    document = open_document(options.picture).document
    with Headless() as program:
        line = ProgressLine(sys.stderr)
        found: list[Replayed] = []
        for outcome in replay(
            document,
            program.catalogue,
            program.find_model,
            lambda job: program.run(job, line.show),
            options.layer,
        ):
            line.close()
            print(f"{outcome.layer}: {_words(outcome)}", flush=True)
            found.append(outcome)
    if not found:
        complain(f"There is no generated layer {f'called “{options.layer}” ' if options.layer else ''}in this picture.")
        return FAILED
    return 0 if all(outcome.same for outcome in found) else FAILED


def _words(outcome: Replayed) -> str:
    if outcome.error is not None:
        return f"not made again. {outcome.error}"
    words = "same" if outcome.same else f"differs by at most {outcome.difference} of 255"
    if not outcome.same and outcome.otherwise:
        words += "; computed with " + ", ".join(
            f"{name} {new} instead of {old}" for name, old, new in outcome.otherwise
        )
    return f"{words} (what lies below has changed since)" if outcome.stale else words
