"""How well a result meets its surroundings, beside the peers' formulae; and how soon a slider is followed.

The model is the identity, through the starter model's autoencoder, once as it is and once with colours that drift. The
sliders are dragged in the real window, on a layer whose crop is 1024²; `cpu_p99` is what the program itself spent.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from inpaint_figures import Figures, compared
from measuring import row, settle

from scumble.api import Candidate, Input, Param, Tool
from scumble.app.window import Program, build
from scumble.document import BGRA8, Document, Rect
from scumble.document.edits import add_layer, deselect, select
from scumble.generation import Blend, Region, apply, prepare
from scumble.render import flatten
from scumble.settings.paths import Paths
from scumble.ui.background import Background
from scumble.ui.generate.blendpanel import BlendPanel
from scumble.ui.generate.witness import Witness

CROP = 1024
FRAMES = 120
FRAME_MS = 16.0
LIMITS = {"ring": 1.0, "jump": 1.2, "through": 0.0}
UNITS = {
    "ring": "ΔE of the mean colours where nothing is masked",
    "shift": "ΔE of the mean colours inside the seam, peers' = limit",
    "jump": "steps of the surroundings, across the seam",
    "error": "ΔE to the truth in the selection, peers' = limit",
    "through": "part of the old picture seen inside the selection",
}
FILL = Tool(
    id="inpaint",
    title="Fill",
    result="masked-layer",
    inputs=(Input(name="image", kind="canvas"), Input(name="mask", kind="selection")),
    params={"seed": Param(type="seed", title="Seed", default=-1)},
)


def run() -> list[dict[str, Any]]:
    """The rows."""
    rows = [*figure_rows("identity", *compared(drift=False)), *figure_rows("drift", *compared(drift=True))]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        program = build(Paths(root / "data", root / "config", root / "cache"), service=False)
        program.window.resize(1920, 1080)
        program.window.show()
        program.finish()
        rows += slider_rows(program)
        program.close()
    return rows


def figure_rows(model: str, ours: Figures, peers: Figures) -> list[dict[str, Any]]:
    """Each figure, to be no worse than its limit and better than the peers'."""
    rows = []
    for name, value in vars(ours).items():
        theirs = getattr(peers, name)
        limit = min(LIMITS.get(name, theirs), theirs)
        peer = f"blur to both sides, zeros counted: {theirs:.2f}"
        rows.append(row(f"inpaint.blend_{name}_{model}", value, UNITS[name], limit, peer=peer))
    return rows


def slider_rows(program: Program) -> list[dict[str, Any]]:
    """Frames of dragging each slider, at 100 % and with the whole picture in view."""
    document = picture()
    program.window.open_document(document, title="Benchmark")
    background, witness = Background(), Witness()
    panel = BlendPanel(program.window.icons, background, witness)
    panel.follow(program.window.session, document.paint_layer(generated(document, witness)))
    panel.show()
    rows = [dragged(program, panel, name, zoom) for zoom in (1.0, 0.5) for name in panel.edge.rows]
    background.close()
    panel.close()
    slowest = max(rows, key=lambda row: float(row["value"]))
    return [*rows, {**slowest, "name": "inpaint.blend_slider_1024", "peer": f"slowest: {slowest['name']}"}]


def picture() -> Document:
    """Three layers of smooth noise."""
    document = Document(1600, 1300)
    rng = np.random.default_rng(2)
    for number in range(3):
        noise = cv2.resize(rng.integers(0, 256, (26, 32, 4), np.uint8), (1600, 1300), interpolation=cv2.INTER_CUBIC)
        noise[..., 3] = 255 if number == 0 else noise[..., 3] // 2
        add_layer(document, f"Layer {number + 1}", pixels=BGRA8.from_straight(noise))
    document.history.clear()
    return document


def generated(document: Document, witness: Witness) -> Any:
    """A layer whose crop is 1024², of which two thirds were selected."""
    blob = np.zeros((680, 680), np.uint8)
    cv2.ellipse(blob, (340, 340), (330, 300), 0, 0, 360, 255, -1)
    select(document, Rect(360, 310, 680, 680), blob)
    blend = Blend(12, 60, match=1.0, seam=1.0)
    region = Region(Rect(188, 138, CROP, CROP), (CROP, CROP))
    seen = flatten(document.snapshot(), region.box)
    made = prepare("1", FILL, {"seed": 1}, document, region, seen, plugin="bench", blend=blend)
    candidate = Candidate(np.clip(made.job.inputs["image"] * 0.9 + 14, 0, 255).astype(np.uint8), 1)
    layer = apply(document, made, candidate, flatten=witness.flatten, within=witness.within)
    deselect(document)
    return layer


def dragged(program: Program, panel: BlendPanel, name: str, zoom: float) -> dict[str, Any]:
    """One drag there and back."""
    canvas = program.window.canvas
    assert canvas is not None
    canvas.set_viewport(canvas.viewport.fitted().zoomed(zoom))
    slider, _ = panel.edge.rows[name]
    panel.prepare()
    settle(program)
    wall, cpu = [], []
    slider.setSliderDown(True)
    for frame in range(FRAMES):
        part = abs(1 - 2 * frame / FRAMES)
        before, spent = time.perf_counter_ns(), time.process_time_ns()
        slider.setValue(round(part * min(slider.maximum(), 100)))
        program.app.processEvents()
        wall.append((time.perf_counter_ns() - before) / 1e6)
        cpu.append((time.process_time_ns() - spent) / 1e6)
    slider.setSliderDown(False)
    program.app.processEvents()
    p99, spent_p99 = (float(np.percentile(times, 99)) for times in (wall, cpu))
    name = f"inpaint.blend_{name}_zoom_{zoom:g}"
    return row(name, p99, "ms, 99 % of the frames", FRAME_MS, wall, cpu_p99=spent_p99)
