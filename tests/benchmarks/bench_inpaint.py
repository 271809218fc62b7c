"""What a fill costs besides the model, in the real window, on a huge document and on a small one: context, masks, crop,
blend, layer, repaint.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from measuring import row, settle

from scumble.api import Candidate, Input, Param, Tool
from scumble.app.window import Program, build
from scumble.document import Document, Rect
from scumble.document.edits import add_layer, select
from scumble.generation import Prepared, Region, apply, default_blend, prepare, region_for
from scumble.generation.reblend import Flatten
from scumble.service import EngineSettings, ModelService
from scumble.settings.paths import Paths
from scumble.ui.generate.candidates import Candidates
from scumble.ui.generate.jobs import Job, JobBoard
from scumble.ui.generate.preparing import Preparing, Steps, look_in_slices
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
FRAME_MS = 16.0


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
    turns = clicked(program)
    program.close()
    ratio = statistics.median(large) / statistics.median(small)
    return [
        row("inpaint.all_but_the_model_8k", max(large), "ms, the slowest of the fills", 60.0, large),
        row("inpaint.all_but_the_model_8k_over_1k", ratio, "ratio of medians", 1.5, small, "the same on 1024²"),
        row("inpaint.all_but_the_model_8k_automatic_context", max(automatic), "ms, the slowest", None, automatic),
        row("inpaint.click_longest_turn", max(turns), "ms of the processor, the longest turn", FRAME_MS, turns),
    ]


def clicked(program: Program) -> list[float]:
    """Milliseconds of the window's thread for each of its turns from a click to the engine: what lies in a context of
    1776² is seen through twenty layers."""
    document = layered(4096)
    select(document, Rect(1200, 1200, 600, 600))
    document.history.clear()
    session = program.window.open_document(document, title="Benchmark")
    for _ in range(10):  # the view of the whole is made coarser in many slices
        settle(program)
    candidates = Candidates()
    preparing = Preparing(JobBoard(ModelService(EngineSettings(Path("/"), Path("/")))), program.window.background)
    region, times = Region(Rect(612, 612, 1776, 1776), (1776, 1776)), []

    def steps() -> Steps:
        copy = document.copy()
        seen, _ = yield from look_in_slices(candidates.witness.flatten, copy.snapshot(), region.box, copy.active.id)
        return (yield lambda: prepare("1", FILL, {"seed": 1}, copy, region, seen, plugin="p"))

    job = Job(None, session, "Fill")
    start = time.thread_time()
    preparing.add(job, steps())
    while job.asked is None:
        times.append((time.thread_time() - start) * 1000.0)
        start = time.thread_time()
        program.app.processEvents()
    program.window.drop_session(session)
    return times


def around(side: int) -> Rect:
    """A context of 512² in the middle of a square document."""
    return Rect((side - SIDE) // 2, (side - SIDE) // 2, SIDE, SIDE)


def rounds(program: Program, side: int, box: Rect | None) -> list[float]:
    """Milliseconds of fills in the middle of a document, each undone again: of what is selected in a context of 512²,
    or, where nobody has set the context, of 512²."""
    document = layered(side)
    select(document, around(side).expanded(-REACH if box is not None else 0))
    document.history.clear()
    session = program.window.open_document(document, title="Benchmark")
    canvas = program.window.canvas_of(session)
    canvas.set_viewport(canvas.viewport.zoomed(1.0).centred_on(side / 2, side / 2))
    settle(program)
    times, witness = [], Witness()
    for number in range(ROUNDS + 2):
        witness.forget(document)
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


def layered(side: int) -> Document:
    """Twenty layers of noise that cover a square."""
    document = Document(side, side)
    tile = np.random.default_rng(3).integers(0, 256, (256, 256, 4), np.uint8)
    tile[..., 3] = 255
    pixels = np.tile(tile, (side // 256, side // 256, 1))
    for number in range(LAYERS):
        add_layer(document, f"Layer {number}", pixels=pixels, opacity=1.0 if number == 0 else 0.6)
    return document


def prepared_fill(document: Document, seed: int, box: Rect | None, flatten: Flatten) -> Prepared:
    """From the selection to a job, in a context that a person has set or in one that is found."""
    selection = document.selection_bounds
    blend = default_blend(selection, native=NATIVE)
    region = region_for(FILL, {"seed": seed}, document.bounds, selection, native=NATIVE, blend=blend, box=box)
    seen = flatten(document.snapshot(), region.box)
    return prepare(str(seed), FILL, {"seed": seed}, document, region, seen, plugin="p", blend=blend)
