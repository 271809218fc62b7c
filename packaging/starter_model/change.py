"""Has starter models change drawings, in the program's own engine: `python packaging/starter_model/change.py --help`.

A thing becomes another within a mask, and a drawing gets another manner; the judge says how often it became what was
asked for.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from judging.changes import Change, Hand, fills, judged, restyles
from judging.learning import load_judge
from judging.pictures import drawn, named
from judging.report import changed_sheet, lines, shown
from PIL import Image
from training.options import Options, chosen_device
from world import Picture

KINDS = {"filled": fills, "restyled": restyles}


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """What is to be done."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("build/judge"), help="where the judge is, and tables go")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, mps")
    parser.add_argument("--threads", type=int, default=1, help="threads for the arithmetic on a CPU")
    parser.add_argument("--side", type=int, default=128)
    parser.add_argument("--count", type=int, default=128, help="drawings to change in each of two ways")
    parser.add_argument("--model", action="append", default=[], metavar="NAME=FOLDER", help="may come several times")
    return parser.parse_args(arguments)


def main() -> None:
    """Writes `changes.md`, and for each model a sheet of drawings before and after."""
    given = parse()
    torch.set_num_threads(given.threads)
    cv2.setNumThreads(1)
    options = Options(given.out, device=chosen_device(given.device))
    judge, models = load_judge(options), named(given.model)
    rows = [["", "drawn", *(name for name, _ in models)], ["---"] * (len(models) + 2)]
    for kind, changes in KINDS.items():
        some = list(itertools.islice(changes(given.side), given.count))
        sets = [drawn([each.wanted for each in some], given.side)]
        for name, folder in models:
            hand = Hand(folder, options.device)
            sets.append(np.stack([hand.make(each, seed) for seed, each in enumerate(some)]))
            _sheet(some, sets[-1]).save(given.out / f"{name}-{kind}.webp", quality=80)
        found = [judged(judge, some, pictures, kind, options.device) for pictures in sets]
        rows += [[f"{kind}: {name}", *(shown(each[name]) for each in found)] for name in found[0]]
    text = lines(rows)
    (given.out / "changes.md").write_text(text, encoding="utf-8")
    print(text)


def _sheet(changes: Sequence[Change], made: Picture) -> Image.Image:
    before_after = itertools.chain.from_iterable(zip((each.before for each in changes), made, strict=True))
    texts = itertools.chain.from_iterable(("", each.text) for each in changes)
    return changed_sheet(list(before_after)[:48], list(texts)[:48])


if __name__ == "__main__":
    main()
