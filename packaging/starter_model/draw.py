"""Draws captioned pictures into a sheet and says how fast: `python packaging/starter_model/draw.py --sheet a.png`."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import cv2
from PIL import Image
from world import STYLES, Picture, caption, compose, draw


def sheet(pictures: list[Picture], columns: int) -> Image.Image:
    """Pictures of one size side by side, two pixels apart."""
    side = pictures[0].shape[0] + 2
    rows = -(-len(pictures) // columns)
    whole = Image.new("RGB", (columns * side, rows * side), "white")
    for i, picture in enumerate(pictures):
        whole.paste(Image.fromarray(picture), (i % columns * side, i // columns * side))
    return whole


def main() -> None:
    """Draws, saves, prints captions and pictures per second."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=64)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--side", type=int, default=128)
    parser.add_argument("--columns", type=int, default=8)
    parser.add_argument("--style", choices=list(STYLES), default="")
    parser.add_argument("--sheet", type=Path)
    options = parser.parse_args()
    scenes = [compose(seed, options.style) for seed in range(options.first, options.first + options.count)]
    cv2.setNumThreads(1)  # work this small only waits for other threads
    begin = time.perf_counter()
    pictures = [draw(scene, options.side) for scene in scenes]
    seconds = time.perf_counter() - begin
    for scene in scenes:
        print(f"{scene.seed:6} {caption(scene)}")
    print(f"{len(pictures) / seconds:.1f} pictures/s on one core at {options.side} × {options.side}")
    if options.sheet:
        sheet(pictures, options.columns).save(options.sheet)


if __name__ == "__main__":
    main()
