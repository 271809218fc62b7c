"""`scumble convert IN OUT`: writes a picture in another format."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from scumble.cli.report import complain, reported
from scumble.files import Choices, export_document, format_of, open_document
from scumble.files.choices import MOST_COMPRESSION


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
    parser.add_argument("--lossless", action="store_true", help="for WebP")
    parser.add_argument("--progressive", action="store_true", help="for JPEG")
    parser.add_argument(
        "--compression", type=_compression, default=1, metavar="0…9", help="for PNG; 9 is the smallest (default: 1)"
    )
    parser.add_argument(
        "--background",
        type=_colour,
        default=(255, 255, 255),
        metavar="RRGGBB",
        help="what shows through in JPEG and BMP (default: ffffff)",
    )
    parser.add_argument("--eight-bits", action="store_true", help="dither pictures with 16 bits a channel to 8")
    parser.add_argument("--strip", action="store_true", help="leave out EXIF and XMP")
    parser.add_argument("--recipes", action="store_true", help="write how generated layers were made, prompts included")
    options = parser.parse_args(arguments)
    format_of(options.target)
    opened = open_document(options.source, deep=not options.eight_bits)
    notes = export_document(opened.document.snapshot(), options.target, choices=_choices(options))
    for note in (*opened.notes, *notes):
        complain(str(note))
    return 0


def _choices(options: argparse.Namespace) -> Choices:
    return Choices(
        quality=options.quality,
        lossless=options.lossless,
        progressive=options.progressive,
        compression=options.compression,
        matte=options.background,
        metadata=not options.strip,
        recipes=options.recipes,
    )


def _compression(text: str) -> int:
    value = int(text)
    if not 0 <= value <= MOST_COMPRESSION:
        raise argparse.ArgumentTypeError(f"{text} is not from 0 to {MOST_COMPRESSION}")
    return value


def _colour(text: str) -> tuple[int, int, int]:
    try:
        red, green, blue = bytes.fromhex(text.removeprefix("#"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a colour like 80ff00") from None
    return red, green, blue


def _quality(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 100:
        raise argparse.ArgumentTypeError(f"{text} is not from 1 to 100")
    return value
