"""Judges starter models: `python packaging/starter_model/judge.py --help`.

`train` teaches the judge, from drawings of its own; `evaluate` has it read what models make of captions that nobody was
trained on, and writes a table. Both go on from what `--out` holds.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import torch
from judging.evaluation import Bench, Sizes
from judging.learning import load_judge, train_judge
from judging.pictures import Subject, cases, named
from judging.report import sheet, table, write
from training.options import Options, chosen_device


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """What is to be done."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=("train", "evaluate"))
    parser.add_argument("--out", type=Path, default=Path("build/judge"), help="the judge, its pictures and its tables")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, mps")
    parser.add_argument("--threads", type=int, default=1, help="threads for the arithmetic on a CPU")
    training = parser.add_argument_group("train")
    training.add_argument("--side", type=int, default=128)
    training.add_argument("--pictures", type=int, default=12_288, help="drawings to learn from")
    training.add_argument("--held-out", type=int, default=1024, help="drawings for its own accuracy")
    training.add_argument("--samples", type=int, default=400_000, help="how many it sees, each several times")
    training.add_argument("--batch", type=int, default=64)
    training.add_argument("--rate", type=float, default=3e-3, help="the highest learning rate")
    training.add_argument("--minutes", type=float, default=0.0, help="end the session after so many")
    training.add_argument("--workers", type=int, default=1, help="processes that draw")
    judging = parser.add_argument_group("evaluate")
    judging.add_argument("--model", action="append", default=[], metavar="NAME=FOLDER", help="may come several times")
    judging.add_argument("--count", type=int, default=512, help="captions")
    judging.add_argument("--twice", type=int, default=128, help="captions of which two pictures are made")
    judging.add_argument("--searched", type=int, default=4096, help="training pictures that are searched for copies")
    return parser.parse_args(arguments)


def options_of(given: argparse.Namespace) -> Options:
    """The judge's training as the trainer's own options."""
    taken = ("out", "side", "pictures", "held_out", "samples", "batch", "rate", "minutes", "workers", "threads")
    named = {name: getattr(given, name) for name in taken}
    return Options(**named, device=chosen_device(given.device), validate_every=max(given.batch, given.samples // 20))


def evaluate(given: argparse.Namespace) -> None:
    """Writes `verdict.md`, `verdict.json` and a sheet of each model's first pictures."""
    options = options_of(given)
    judge = load_judge(options)
    some = cases(given.count)
    sizes = Sizes(given.count, min(given.twice, given.count), max(given.searched, given.count))
    bench = Bench(judge, some, sizes, options.side, options.device)
    verdicts = [bench.judged("drawn", bench.first, bench.second)]
    for name, folder in named(given.model):
        subject = Subject(folder, options.out / "made", options.device)
        verdicts += bench.models(name, subject)
        sheet(subject, some).save(options.out / f"{name}.webp", quality=80)
        write(options.out, verdicts)
    print(table(verdicts))


def main() -> None:
    """Trains or evaluates."""
    given = parse()
    torch.set_num_threads(given.threads)
    cv2.setNumThreads(1)
    if given.task == "train":
        train_judge(options_of(given))
    else:
        evaluate(given)


if __name__ == "__main__":
    main()
