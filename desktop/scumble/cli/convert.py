"""`scumble convert IN OUT`: writes a picture in another format."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from scumble.cli.report import complain, reported
from scumble.files import export_document, format_of, open_document


@reported
def main(arguments: Sequence[str]) -> int:
    """Converts a picture; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="scumble convert",
        description="Writes a picture in the format that the ending of OUT names; .ora keeps the layers.",
        allow_abbrev=False,
    )
    parser.add_argument("source", type=Path, metavar="IN")
    parser.add_argument("target", type=Path, metavar="OUT")
    parser.add_argument("--quality", type=_quality, default=92, metavar="1…100", help="for JPEG and WebP (default: 92)")
    options = parser.parse_args(arguments)
    format_of(options.target)
    opened = open_document(options.source)
    notes = export_document(opened.document.snapshot(), options.target, quality=options.quality)
    for note in (*opened.notes, *notes):
        complain(str(note))
    return 0


def _quality(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 100:
        raise argparse.ArgumentTypeError(f"{text} is not from 1 to 100")
    return value
