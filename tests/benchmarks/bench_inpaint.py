"""What a fill costs besides the model, in the real window, on a huge document and on a small one: context, masks, crop,
blend, layer, repaint.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from scumble.api import Candidate, Input, Param, Tool
from scumble.app.window import Program, build
from scumble.document import Document, Rect
from scumble.document.edits import add_layer, select
from scumble.generation import Prepared, apply, default_blend, prepare, region_for
from scumble.generation.reblend import Flatten
from scumble.settings.paths import Paths
from scumble.ui.generate.witness import Witness

FILL = Tool(
    id="fill",
    title="Fill",
    result="masked-layer",
    inputs=(Input(name="image", kind="canvas"), Input(name="mask", kind="selection")),
    params={"seed": Param(type="seed", title="Seed", default=-1)},
)
NATIVE = 512
SIDE = 512
REACH = 112
"""How far inside the context the selection lies, for what the edge needs."""
LAYERS = 20
ROUNDS = 15


def run() -> list[dict[str, Any]]:
    """The rows of this suite."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        paths = Paths(root / "data", root / "config", root / "cache")
        return without_the_model(paths)


def without_the_model(paths: Paths) -> list[dict[str, Any]]:
    """All but the model, on 8192² and on 1024² with twenty layers each."""
    program = build(paths, service=False)
    program.window.resize(1920, 1080)
    program.window.show()
    program.finish()
    large, small = (rounds(program, side, around(side)) for side in (8192, 1024))
    automatic = rounds(program, 8192, None)
    program.close()
    ratio = statistics.median(large) / statistics.median(small)
    return [
        row("inpaint.all_but_the_model_8k", max(large), 60.0, "ms, the slowest of the fills", "", large),
        row("inpaint.all_but_the_model_8k_over_1k", ratio, 1.5, "ratio of medians", "the same on 1024²", small),
        row("inpaint.all_but_the_model_8k_automatic_context", max(automatic), None, "ms, the slowest", "", automatic),
    ]


def around(side: int) -> Rect:
    """A context of 512² in the middle of a square document."""
    return Rect((side - SIDE) // 2, (side - SIDE) // 2, SIDE, SIDE)


def rounds(program: Program, side: int, box: Rect | None) -> list[float]:
    """Milliseconds of fills in the middle of a document, each undone again: of what is selected in a context of 512²,
    or, where nobody has set the context, of 512²."""
    document = Document(side, side)
    tile = np.random.default_rng(3).integers(0, 256, (256, 256, 4), np.uint8)
    tile[..., 3] = 255
    pixels = np.tile(tile, (side // 256, side // 256, 1))
    for number in range(LAYERS):
        add_layer(document, f"Layer {number}", pixels=pixels, opacity=1.0 if number == 0 else 0.6)
    select(document, around(side).expanded(-REACH if box is not None else 0))
    document.history.clear()
    session = program.window.open_document(document, title="Benchmark")
    canvas = program.window.canvas_of(session)
    canvas.set_viewport(canvas.viewport.zoomed(1.0).centred_on(side / 2, side / 2))
    settle(program)
    times, witness = [], Witness()
    for number in range(ROUNDS + 2):
        witness.forget()
        start = time.perf_counter()
        prepared = prepared_fill(document, number, box, witness.flatten)
        taken = time.perf_counter() - start
        width, height = prepared.job.size
        picture = np.random.default_rng(number).integers(0, 256, (height, width, 3), np.uint8)
        start = time.perf_counter()
        apply(document, prepared, Candidate(picture, number), flatten=witness.flatten, within=witness.within)
        canvas.repaint()
        times.append((taken + time.perf_counter() - start) * 1000.0)
        document.history.undo()
        settle(program)
    program.window.drop_session(session)
    return times[2:]


def prepared_fill(document: Document, seed: int, box: Rect | None, flatten: Flatten) -> Prepared:
    """From the selection to a job, in a context that a person has set or in one that is found."""
    selection = document.selection_bounds
    blend = default_blend(selection, native=NATIVE)
    region = region_for(FILL, {"seed": seed}, document.bounds, selection, native=NATIVE, blend=blend, box=box)
    seen = flatten(document.snapshot(), region.box)
    return prepare(str(seed), FILL, {"seed": seed}, document, region, seen, plugin="p", blend=blend)


def settle(program: Program) -> None:
    """Lets the window do all that it has put off."""
    until = time.perf_counter() + 0.1
    while time.perf_counter() < until:
        program.app.processEvents()


def row(
    name: str, value: float, limit: float | None, unit: str, peer: str, times: Sequence[float] = ()
) -> dict[str, Any]:
    """A row of the table; less is better in all of them."""
    return {
        "name": name,
        "value": value,
        "unit": unit,
        "limit": limit,
        "better": "lower",
        "holds": limit is None or value <= limit,
        "p50": statistics.median(times) if times else None,
        "p99": max(times) if times else None,
        "peer": peer,
    }
