"""The verdicts as a Markdown table, as JSON, and as a sheet of pictures to look at."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PIL import Image
from training.sheet import labelled
from world import Picture

from judging.evaluation import Verdict
from judging.measures import Share
from judging.pictures import CASES, Case, Subject

SHOWN: Final = 48
"""Pictures on a sheet: those of the first captions, nothing picked."""
TITLES: Final = {
    "spread": "two pictures of one caption lie apart by",
    "distance": "kernel distance to other drawings",
    "by_heart": "nearest to a training picture (0.50: none learned by heart)",
}


def table(verdicts: Sequence[Verdict]) -> str:
    """A column for each verdict; shares with their 95 % intervals."""
    rows = [["", *(verdict.name for verdict in verdicts)], ["---"] * (len(verdicts) + 1)]
    rows += [[name, *(shown(verdict.right[name]) for verdict in verdicts)] for name in verdicts[0].right]
    rows.append([TITLES["spread"], *(f"{verdict.spread:.2f}" for verdict in verdicts)])
    rows.append([TITLES["distance"], *(f"{verdict.distance:.3f}" for verdict in verdicts)])
    rows.append([TITLES["by_heart"], *(shown(verdict.by_heart) for verdict in verdicts)])
    return lines(rows)


def lines(rows: Sequence[Sequence[str]]) -> str:
    """Rows as Markdown has a table."""
    return "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"


def write(folder: Path, verdicts: Sequence[Verdict]) -> None:
    """`verdict.md` and `verdict.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "verdict.md").write_text(table(verdicts), encoding="utf-8")
    rows = [
        {
            "name": verdict.name,
            "right": {name: _plain(share) for name, share in verdict.right.items()},
            "spread": verdict.spread,
            "distance": verdict.distance,
            "by_heart": _plain(verdict.by_heart),
        }
        for verdict in verdicts
    ]
    (folder / "verdict.json").write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


def sheet(subject: Subject, cases: Sequence[Case]) -> Image.Image:
    """What a model makes of the first captions."""
    texts = [case.text for case in cases[:SHOWN]]
    return labelled([Image.fromarray(each) for each in subject.made(texts, CASES)], texts, columns=6, least=192)


def changed_sheet(pictures: Sequence[Picture], texts: Sequence[str]) -> Image.Image:
    """Pictures before and after, side by side."""
    return labelled([Image.fromarray(each) for each in pictures], texts, columns=6, least=192)


def shown(share: Share) -> str:
    """With its interval."""
    low, high = share.interval
    return f"{share.value:.2f} ({low:.2f}–{high:.2f})" if share.of else "–"


def _plain(share: Share) -> dict[str, float]:
    low, high = share.interval
    return {"right": share.right, "of": share.of, "low": low, "high": high}
