"""A drawn document, a tool that fills, and a candidate of noise."""

import numpy as np

from scumble.api import Candidate, Input, Param, Tool
from scumble.document import BGRA8, Document, Rect
from scumble.document.edits import add_layer, select
from scumble.generation import Blend, prepare, region_for

PARAMS = {
    "prompt": Param(type="prompt", title="Prompt", default=""),
    "seed": Param(type="seed", title="Seed", default=-1),
}
FILL = Tool(
    id="fill",
    title="Fill",
    result="masked-layer",
    inputs=(Input(name="image", kind="canvas"), Input(name="mask", kind="selection")),
    params=PARAMS,
)
INVENT = Tool(id="invent", title="Invent", params=PARAMS)


def document(pixel_format=BGRA8, size=(300, 280)) -> Document:
    made = Document(*size, pixel_format)
    pixels = np.empty((size[1], size[0], 4), pixel_format.dtype)
    pixels[:] = pixel_format.solid(0.8, 0.4, 0.2)
    add_layer(made, "Ground", pixels=pixels)
    return made


def candidate(size, seed=11, alpha=False) -> Candidate:
    generator = np.random.default_rng(seed)
    return Candidate(generator.integers(0, 256, (size[1], size[0], 4 if alpha else 3), np.uint8), seed)


def fill(made: Document, selected: Rect, blend: Blend, prompt="a red boat"):
    select(made, selected)
    params = {"prompt": prompt, "seed": 5}
    region = region_for(FILL, params, made.bounds, made.selection_bounds, native=64, blend=blend)
    flattened = made.surface(made.layers[0].surface).read(region.box)
    return prepare("1", FILL, params, made, region, flattened, plugin="org.test", blend=blend, plugin_version="2.1")
