"""The second promise: outside the affected area not one pixel changes, however often one fills."""

from dataclasses import replace

import numpy as np
from hypothesis import event, given, settings
from hypothesis import strategies as st

from scumble.api import Candidate, Input, Param, Tool
from scumble.document import BGRA8, RGBA16, SELECTION, BlendMode, Document, Rect
from scumble.document.edits import add_group, add_layer, add_mask, select, set_layer
from scumble.generation import Blend, apply, composite_mask, prepare, reblend, region_for, settle
from scumble.render import flatten, oracle

FILL = Tool(
    id="fill",
    title="Fill",
    result="masked-layer",
    inputs=(Input(name="image", kind="canvas"), Input(name="mask", kind="selection")),
    params={"seed": Param(type="seed", title="Seed", default=-1)},
)
MODES = (BlendMode.NORMAL, BlendMode.MULTIPLY, BlendMode.SCREEN, BlendMode.LUMINOSITY)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """A few layers, transparent here and there, in all kinds of modes."""
    pixel_format = draw(st.sampled_from([BGRA8, RGBA16]))
    width, height = draw(st.integers(20, 400)), draw(st.integers(20, 300))
    document = Document(width, height, pixel_format)
    generator = np.random.default_rng(draw(st.integers(0, 1000)))
    for number in range(draw(st.integers(1, 3))):
        straight = generator.integers(0, 256, (height, width, 4), np.uint8)
        straight[..., 3] |= 255 * (generator.random((height, width)) < 0.7).astype(np.uint8)
        layer = add_layer(document, f"Layer {number}", pixels=pixel_format.from_straight(straight))
        changes = {"mode": draw(st.sampled_from(MODES)), "opacity": draw(st.sampled_from([1.0, 0.6]))}
        set_layer(document, layer, "Change", **changes)
    if draw(st.booleans()):
        add_group(document, "Group")
        document.activate(document.layers[0].id)
    if draw(st.booleans()):
        select(document, Rect(0, 0, width // 2, height))
        add_mask(document, document.layers[0].id)
    return document


blends = st.builds(Blend, st.integers(0, 12), st.integers(0, 20), *[st.floats(0, 1)] * 3)


def dab(width: int, height: int, soft: bool, seed: int) -> np.ndarray:
    yy, xx = np.mgrid[0:height, 0:width]
    away = np.hypot((xx - width / 2) / max(width / 2, 1), (yy - height / 2) / max(height / 2, 1))
    values = np.clip((1 - away) * 4, 0, 1) if soft else (away < 1).astype(float)
    if seed % 3 == 0:
        return np.full((height, width), 255, np.uint8)
    return np.rint(values * 255).astype(np.uint8)


def selected(document: Document, draw: st.DrawFn, most: int = 1) -> None:
    """Selects a part of the canvas, no more than one in `most` of a side."""
    width = draw(st.integers(1, max(document.width // most, 1)))
    height = draw(st.integers(1, max(document.height // most, 1)))
    x, y = draw(st.integers(0, document.width - width)), draw(st.integers(0, document.height - height))
    values = dab(width, height, draw(st.booleans()), draw(st.integers(0, 8)))
    if not values.any():
        values[height // 2, width // 2] = 255
    select(document, Rect(x, y, width, height), values)


def fill(document: Document, native: int, blend: Blend, seed: int) -> tuple[int, np.ndarray]:
    """One fill with a candidate of noise; the new layer and where it may show."""
    region = region_for(FILL, {"seed": seed}, document.bounds, document.selection_bounds, native=native, blend=blend)
    seen = flatten(document.snapshot(), region.box)
    prepared = prepare("1", FILL, {"seed": seed}, document, region, seen, plugin="p", blend=blend)
    channels = 4 if seed % 2 else 3
    noise = np.random.default_rng(seed).integers(0, 256, (region.size[1], region.size[0], channels), np.uint8)
    allowed = np.zeros((document.height, document.width), bool)
    mask = composite_mask(prepared.selection, blend) > 0
    allowed[region.box.slices(document.bounds)] = mask
    layer = apply(document, prepared, Candidate(noise, seed), within=lambda *given: settle(*given, flatten))
    assert prepared.affected.covers(_bounds(allowed))
    return layer, allowed


def _bounds(inside: np.ndarray) -> Rect:
    columns, rows = np.flatnonzero(inside.any(0)), np.flatnonzero(inside.any(1))
    return Rect.from_edges(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


@settings(max_examples=25, deadline=None)
@given(documents(), st.data())
def test_a_fill_and_a_reblend_leave_everything_else_alone(document: Document, data: st.DataObject) -> None:
    selected(document, data.draw)
    blend = data.draw(blends)
    before = document.snapshot()
    by_painter, by_oracle = flatten(before, document.bounds), oracle.flatten(before, document.bounds)
    layer, allowed = fill(document, data.draw(st.sampled_from([64, 128, 512])), blend, data.draw(st.integers(0, 9)))
    after = document.snapshot()
    assert (flatten(after, document.bounds)[~allowed] == by_painter[~allowed]).all()
    assert (oracle.flatten(after, document.bounds)[~allowed] == by_oracle[~allowed]).all()
    for surface, tiles in before.planes.items():
        assert after.planes[surface] == tiles
    reblend(document, layer, replace(data.draw(blends), grow=0, feather=0), flatten=flatten)
    kept = document.selection.read(document.bounds) == 0
    assert (flatten(document.snapshot(), document.bounds)[kept] == by_painter[kept]).all()
    document.history.undo()
    document.history.undo()
    assert (flatten(document.snapshot(), document.bounds) == by_painter).all()


@settings(max_examples=6, deadline=None)
@given(documents(), st.data())
def test_fifty_fills_change_only_what_they_may(document: Document, data: st.DataObject) -> None:
    """Whatever was there before stays as it was on every layer, and in the picture outside all that was affected."""
    before = document.snapshot()
    first = seen = flatten(before, document.bounds)
    exact = oracle.flatten(before, document.bounds)
    steps = document.history.position
    ever = np.zeros((document.height, document.width), bool)
    made: dict[int, dict] = {}
    for number in range(50):
        selected(document, data.draw, most=8)
        blend = Blend(data.draw(st.integers(0, 3)), data.draw(st.integers(0, 6)))
        layer, allowed = fill(document, 64, blend, number)
        ever |= allowed
        after = document.snapshot()
        now = flatten(after, document.bounds)
        assert (now[~allowed] == seen[~allowed]).all()
        seen = now
        for surface, tiles in (before.planes | made).items():
            if surface != SELECTION:
                assert after.planes[surface] == tiles
        node = document.paint_layer(layer)
        made |= {surface: dict(after.planes[surface]) for surface in (node.surface, node.mask)}
    assert (seen[~ever] == first[~ever]).all()
    assert (oracle.flatten(document.snapshot(), document.bounds)[~ever] == exact[~ever]).all()
    event(f"{10 * round(10 * float(ever.mean()))} % of the picture was filled")
    while document.history.position > steps:
        document.history.undo()
    assert (flatten(document.snapshot(), document.bounds) == first).all()
