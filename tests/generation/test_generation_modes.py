"""Which mode suits what is selected, and what comes of it for the job."""

import msgspec
import numpy as np
import pytest

from scumble.api import FILL_MODES, UNDERS, Param, Tool
from scumble.document import Document, Rect
from scumble.document.edits import select
from scumble.generation import default_blend, modes
from scumble.plugins import resolve_params

CHOICES = [*FILL_MODES]


def make_tool(choices=CHOICES, under=tuple(UNDERS)):
    params = {
        "mode": Param(type="enum", title="Mode", default="auto", choices=tuple(choices), ui="mode"),
        "strength": Param(type="number", title="Strength", default=1.0, minimum=0.0, maximum=1.0),
        "under": Param(type="enum", title="Under", default="auto", choices=under, ui="under"),
        "seed": Param(type="seed", title="Seed", default=-1),
    }
    return Tool(id="fill", title="Fill", params=params)


def make_document(*rects, size=(600, 300)):
    document = Document(*size)
    for rect in rects:
        select(document, Rect(*rect), mode="add")
    return document


CASES = {
    "nothing": ([], "fill"),
    "a part": ([(20, 20, 100, 60)], "fill"),
    "touches the edge": ([(0, 0, 100, 60)], "fill"),
    "all": ([(0, 0, 600, 300)], "fill"),
    "the whole left": ([(0, 0, 90, 300)], "expand"),
    "a new row below": ([(0, 260, 600, 40)], "expand"),
    "a frame": ([(0, 0, 600, 20), (0, 280, 600, 20), (0, 0, 20, 300), (580, 0, 20, 300)], "expand"),
    "two sides": ([(0, 0, 600, 40), (0, 0, 40, 300)], "expand"),
    "two far corners": ([(0, 0, 50, 50), (550, 250, 50, 50)], "fill"),
}


@pytest.mark.parametrize(("rects", "mode"), CASES.values(), ids=list(CASES))
def test_the_mode_that_suits(rects, mode):
    assert modes.suited(make_document(*rects), 1.0) == mode
    assert modes.suited(make_document(*rects), 0.9) == "refine"


def test_a_sky_over_mountains_is_filled():
    document = make_document((0, 0, 600, 150))
    values = np.zeros((300, 600), np.uint8)
    values[100:150, 200:300] = 255
    select(document, document.bounds, values, mode="subtract")
    assert modes.suited(document, 1.0) == "fill"


def test_all_but_an_odd_shape_is_filled():
    document = make_document((0, 0, 600, 300))
    values = np.zeros((300, 600), np.uint8)
    values[100:200, 200:300] = np.tri(100, dtype=np.uint8) * 255
    select(document, document.bounds, values, mode="subtract")
    assert modes.suited(document, 1.0) == "fill"
    assert modes.unselected_bounds(document) == Rect(200, 100, 100, 100)


@pytest.mark.parametrize(
    ("given", "mode", "under"),
    [
        ({}, "fill", "blurred"),
        ({"strength": 0.5}, "refine", "original"),
        ({"mode": "add"}, "add", "colour"),
        ({"mode": "remove", "strength": 0.3}, "remove", "classical"),
        ({"mode": "expand", "under": "noise"}, "expand", "noise"),
    ],
)
def test_auto_becomes_what_was_used(given, mode, under):
    tool = make_tool()
    params = modes.settled(tool, resolve_params(tool, given), make_document((20, 20, 100, 60)))
    assert (params["mode"], params["under"]) == (mode, under)
    assert modes.settled(tool, params, None) == params


def test_auto_stays_where_the_tool_does_not_offer_what_suits():
    tool = make_tool(["auto", "expand"], ("auto", "noise"))
    params = modes.settled(tool, resolve_params(tool, {}), make_document((20, 20, 100, 60)))
    assert (params["mode"], params["under"]) == ("auto", "auto")


def test_a_tool_without_modes_is_left_alone():
    tool, document = Tool(id="plain", title="Plain"), make_document((20, 30, 40, 50))
    assert modes.settled(tool, {"strength": 0.4}, document) == {"strength": 0.4}
    assert modes.planned(tool, {"strength": 0.4}) == {"strength": 0.4}
    assert modes.begun(tool, "vary") == {}
    assert modes.bounds_to_change(tool, {}, document) == Rect(20, 30, 40, 50)


def test_taking_up_a_mode_sets_strength_and_seed():
    tool = make_tool()
    assert modes.begun(tool, "refine") == {"strength": 0.4}
    assert modes.begun(tool, "vary") == {"strength": 0.6, "seed": -1}
    assert modes.begun(tool, "auto") == {"strength": 1.0}


def test_replacing_the_background_changes_all_that_is_not_selected():
    tool, document = make_tool(), make_document((100, 50, 200, 100))
    params = {"mode": "replace", "strength": 1.0}
    assert modes.bounds_to_change(tool, params, document) == document.bounds
    mask = modes.mask_to_change(tool, params, document, Rect(90, 40, 30, 20))
    assert mask[0, 0] == 255
    assert mask[-1, -1] == 0
    assert mask.sum() == 255 * (30 * 20 - 20 * 10)
    assert modes.edge_for(tool, params, document.bounds, native=512).reach == 0
    assert modes.bounds_to_change(tool, params, make_document()).empty
    across = make_document((0, 0, 600, 120))
    assert modes.bounds_to_change(tool, params, across) == Rect(0, 120, 600, 180)


def test_a_mode_that_begins_with_something_else_sees_as_much_as_at_full_strength():
    tool, bounds = make_tool(), Rect(10, 10, 200, 100)
    params = {"mode": "remove", "strength": 0.4}
    assert modes.planned(tool, params)["strength"] == 1.0
    assert modes.planned(tool, {"mode": "vary", "strength": 0.6})["strength"] == 0.6
    usual = default_blend(bounds, native=512)
    edge = modes.edge_for(tool, params, bounds, native=512)
    assert edge.grow > usual.grow
    assert edge.feather == usual.feather
    assert modes.edge_for(tool, {"mode": "fill", "strength": 1.0}, bounds, native=512) == usual


def test_the_starter_manifest_offers_every_mode():
    import importlib.resources

    from scumble.plugins.manifest import parse_manifest

    raw = importlib.resources.files("scumble_inpaint").joinpath("scumble.toml").read_bytes()
    tool = parse_manifest(raw, "scumble_inpaint").tools[0]
    assert tool.params[modes.with_ui(tool, "mode")].choices == FILL_MODES
    assert tool.params[modes.with_ui(tool, "under")].choices == UNDERS
    assert msgspec.to_builtins(tool)["params"]["colour"]["type"] == "colour"
