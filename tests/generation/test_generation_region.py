"""The context box and the working size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from scumble.api import Input, Param, ScumbleError, Tool
from scumble.document import NOWHERE, Rect
from scumble.generation import Blend, Limits, default_blend, first_pass, fit, plan, region_for
from scumble.generation.region import whole


@st.composite
def selections(draw: st.DrawFn) -> tuple[Rect, Rect]:
    canvas = Rect(0, 0, draw(st.integers(8, 5000)), draw(st.integers(8, 5000)))
    left = draw(st.integers(0, canvas.width - 1))
    top = draw(st.integers(0, canvas.height - 1))
    width = draw(st.integers(1, canvas.width - left))
    height = draw(st.integers(1, canvas.height - top))
    return canvas, Rect(left, top, width, height)


@given(selections(), st.sampled_from([64, 128, 256, 512, 1024]), st.sampled_from([0.3, 0.7, 1.0]))
def test_the_box_holds_the_selection_inside_the_canvas(places: tuple[Rect, Rect], native: int, strength: float) -> None:
    canvas, selection = places
    region = plan(selection, canvas, native=native, strength=strength)
    assert canvas.covers(region.box)
    assert region.box.covers(selection)
    assert region.size[0] % 8 == region.size[1] % 8 == 0
    assert min(region.size) >= 64
    assert max(region.size) <= 1.5 * native + 16
    assert region.passes == 1


@given(selections(), st.integers(0, 200))
def test_the_margin_lies_in_the_box_unless_the_canvas_ends(places: tuple[Rect, Rect], margin: int) -> None:
    canvas, selection = places
    region = plan(selection, canvas, native=512, margin=margin)
    assert region.box.covers(selection.expanded(margin) & canvas)


@given(st.integers(0, 1536 - 300), st.integers(0, 1536 - 300))
def test_the_box_is_shifted_and_never_cut(x: int, y: int) -> None:
    canvas = Rect(0, 0, 1536, 1536)
    middle = plan(Rect(600, 600, 300, 300), canvas, native=512)
    moved = plan(Rect(x, y, 300, 300), canvas, native=512)
    assert (moved.box.width, moved.box.height, moved.size) == (middle.box.width, middle.box.height, middle.size)


@pytest.mark.parametrize(
    ("canvas", "selection", "strength", "native", "box"),
    [
        ((2048, 1536), (800, 600, 300, 200), 1.0, 512, (720, 720)),
        ((4096, 3072), (1500, 1200, 900, 700), 1.0, 512, (2248, 2248)),
        ((2048, 1536), (800, 600, 300, 200), 0.5, 512, (400, 288)),
        ((512, 384), (200, 150, 75, 50), 1.0, 128, (184, 184)),
    ],
)
def test_the_worked_examples(
    canvas: tuple[int, int],
    selection: tuple[int, int, int, int],
    strength: float,
    native: int,
    box: tuple[int, int],
) -> None:
    """The first three are the closest peer's own figures; the fourth is the first at a quarter of the size."""
    region = plan(Rect(*selection), Rect(0, 0, *canvas), native=native, strength=strength)
    assert abs(region.box.width - box[0]) <= 8
    assert abs(region.box.height - box[1]) <= 8


def test_a_small_region_is_enlarged_to_the_native_area_and_a_large_one_reduced() -> None:
    canvas = Rect(0, 0, 4096, 4096)
    small = plan(Rect(2000, 2000, 40, 40), canvas, native=1024, strength=0.5)
    assert small.size[0] * small.size[1] >= 0.98 * 1024**2
    assert small.scale > 1
    large = plan(Rect(500, 500, 3000, 3000), canvas, native=512)
    assert large.size[0] * large.size[1] <= 1.6 * 512**2
    assert large.scale < 1


@pytest.mark.parametrize(
    ("canvas", "selection", "strength", "size", "first"),
    [
        ((2048, 1536), (800, 600, 300, 200), 1.0, (720, 720), (0, 0)),
        ((4096, 3072), (1500, 1200, 900, 700), 1.0, (2248, 2248), (640, 640)),
        ((2048, 1536), (800, 600, 300, 200), 0.5, (608, 448), (0, 0)),
        ((64, 64), (10, 10, 20, 20), 1.0, (512, 512), (0, 0)),
        ((64, 64), (10, 10, 1, 1), 1.0, (512, 512), (0, 0)),
    ],
)
def test_the_worked_sizes(
    canvas: tuple[int, int],
    selection: tuple[int, int, int, int],
    strength: float,
    size: tuple[int, int],
    first: tuple[int, int],
) -> None:
    region = plan(Rect(*selection), Rect(0, 0, *canvas), native=512, strength=strength, two_passes=True)
    assert (region.size, region.first) == (size, first)
    assert region.passes == (2 if any(first) else 1)


@given(selections(), st.sampled_from([64, 128, 512, 1024]), st.sampled_from([0.3, 1.0]))
def test_two_passes_keep_the_resolution_and_begin_small(
    places: tuple[Rect, Rect], native: int, strength: float
) -> None:
    canvas, selection = places
    region = plan(selection, canvas, native=native, strength=strength, two_passes=True)
    assert canvas.covers(region.box)
    assert region.box.covers(selection)
    assert all(side % 8 == 0 and side >= 64 for side in region.size)
    assert max(region.size) <= 4096 + 16
    if region.passes == 2:
        assert all(side % 16 == 0 and side >= 64 for side in region.first)
        assert region.first[0] * region.first[1] < region.size[0] * region.size[1]
        assert region.first[0] * region.first[1] <= 1.5 * native**2 + 16 * sum(region.first) + 64 * max(region.first)
        assert region.size[0] * region.size[1] <= 24 * native**2 + 16 * sum(region.size) + 64 * max(region.size)


def test_everything_of_a_huge_canvas_is_worked_on_reduced() -> None:
    canvas = Rect(0, 0, 16384, 16384)
    region = plan(canvas, canvas, native=512, two_passes=True)
    assert (region.box, region.size, region.first) == (canvas, (2512, 2512), (640, 640))
    light = plan(canvas, canvas, native=None)
    assert (light.box, light.size) == (canvas, (4096, 4096))


def test_a_size_that_is_given_knows_its_first_pass() -> None:
    assert first_pass((2248, 2248), 512) == (640, 640)
    assert first_pass((720, 720), 512) == (0, 0)
    assert first_pass((3000, 2000), None) == (0, 0)


def test_a_canvas_smaller_than_the_box_is_the_box() -> None:
    canvas = Rect(0, 0, 100, 84)
    region = plan(Rect(20, 20, 10, 10), canvas, native=512)
    assert region.box == canvas


def test_nothing_is_stretched_where_the_canvas_has_room() -> None:
    region = plan(Rect(900, 800, 377, 91), Rect(0, 0, 4000, 4000), native=512, strength=0.6)
    across, down = region.size[0] / region.box.width, region.size[1] / region.box.height
    assert across == pytest.approx(down, rel=0.01)


def test_without_a_model_the_document_s_own_resolution_is_kept() -> None:
    region = plan(Rect(100, 100, 50, 50), Rect(0, 0, 3000, 3000), native=None)
    assert region.size == (region.box.width, region.box.height)


def test_limits_can_be_given() -> None:
    region = plan(Rect(0, 0, 2000, 2000), Rect(0, 0, 4000, 4000), native=512, limits=Limits(1.0, 1.0, 1.0))
    assert region.size == (512, 512)


def test_whole_takes_just_the_target() -> None:
    region = whole(Rect(3, 5, 640, 480), native=128)
    assert region.box == Rect(3, 5, 640, 480)
    assert 128**2 <= region.size[0] * region.size[1] <= 1.6 * 128**2


def test_a_free_size_is_placed_in_the_middle_with_its_proportions() -> None:
    assert fit((128, 128), Rect(0, 0, 800, 600)).box == Rect(100, 0, 600, 600)
    assert fit((768, 512), Rect(10, 10, 300, 300)).box == Rect(10, 60, 300, 200)


@pytest.mark.parametrize("size", [(100, 128), (128, 4104), (0, 128), (56, 56)])
def test_a_size_that_does_not_work_is_named(size: tuple[int, int]) -> None:
    with pytest.raises(ScumbleError, match="multiples of 8") as caught:
        fit(size, Rect(0, 0, 512, 512))
    assert caught.value.code == "size-invalid"


CANVAS = Rect(0, 0, 512, 512)
SELECTION = Rect(100, 100, 60, 60)


def tool(*kinds: str, result: str = "layer", sizes: bool = False, optional: bool = False) -> Tool:
    inputs = tuple(Input(name=kind, kind=kind, optional=optional) for kind in kinds)
    size = Param(type="size", title="Size", default=256)
    return Tool(
        id="t", title="Tool", result=result, inputs=inputs, params={"width": size, "height": size} if sizes else {}
    )


def test_each_kind_of_tool_gets_its_region() -> None:
    size = {"width": 256, "height": 128}
    assert region_for(tool(sizes=True), size, CANVAS, NOWHERE, native=128).box == Rect(0, 128, 512, 256)
    assert region_for(tool(sizes=True), size, CANVAS, SELECTION, native=128).box == Rect(0, 128, 512, 256)
    assert region_for(tool("canvas"), {}, CANVAS, NOWHERE, native=128).box == CANVAS
    assert region_for(tool("canvas"), {}, CANVAS, NOWHERE, native=128).size == (160, 160)
    assert region_for(tool(), {}, CANVAS, NOWHERE, native=128).size == (128, 128)
    fill = region_for(tool("canvas", "selection", result="masked-layer"), {}, CANVAS, SELECTION, native=128)
    assert fill == plan(SELECTION, CANVAS, native=128)
    upscale = region_for(tool("canvas", result="picture"), {}, Rect(0, 0, 500, 300), NOWHERE, native=128)
    assert (upscale.box, upscale.size) == (Rect(0, 0, 500, 300), (504, 304))
    assert region_for(tool("canvas", result="picture"), {}, CANVAS, SELECTION, native=128).box == CANVAS
    part = tool("canvas", "selection", result="picture")
    assert region_for(part, {}, CANVAS, SELECTION, native=128).box == SELECTION


def test_strength_and_margin_reach_the_plan() -> None:
    fill = tool("canvas", "selection", result="masked-layer")
    weak = region_for(fill, {"strength": 0.4}, CANVAS, SELECTION, native=128)
    assert weak == plan(SELECTION, CANVAS, native=128, strength=0.4)
    wide = region_for(fill, {"strength": 0.4}, CANVAS, SELECTION, native=128, blend=Blend(40, 60))
    assert wide.box.covers(SELECTION.expanded(100) & CANVAS)


def test_a_box_set_by_hand_is_taken_and_holds_what_may_change() -> None:
    fill = tool("canvas", "selection", result="masked-layer")
    by_hand = region_for(fill, {}, CANVAS, SELECTION, native=128, box=Rect(64, 40, 144, 160))
    assert (by_hand.box, by_hand.size) == (Rect(64, 40, 144, 160), (144, 160))
    grown = region_for(fill, {}, CANVAS, SELECTION, native=128, blend=Blend(8, 12), box=Rect(0, 0, 128, 128))
    assert grown.box.covers(SELECTION.expanded(20))
    enlarged = region_for(fill, {}, CANVAS, SELECTION, native=128, box=Rect(100, 100, 64, 64))
    assert (enlarged.box, enlarged.size) == (Rect(100, 100, 64, 64), (128, 128))
    large = Rect(0, 0, 512, 512)
    assert region_for(fill, {}, CANVAS, SELECTION, native=128, box=large).size == (160, 160)
    assert region_for(tool(), {}, CANVAS, NOWHERE, native=128, box=Rect(0, 0, 8, 8)).size == (128, 128)


def test_a_tool_says_that_it_works_in_two_passes() -> None:
    fill = replace(tool("canvas", "selection", result="masked-layer"), two_passes=True)
    region = region_for(fill, {}, Rect(0, 0, 1024, 1024), Rect(300, 300, 150, 150), native=128)
    assert region.size == (region.box.width, region.box.height)
    assert region.first == (160, 160)


def test_a_tool_that_needs_a_selection_says_so() -> None:
    with pytest.raises(ScumbleError, match="Select what should change") as caught:
        region_for(tool("canvas", "selection"), {}, CANVAS, NOWHERE, native=128)
    assert caught.value.code == "tool-needs-selection"
    relaxed = region_for(tool("canvas", "selection", optional=True), {}, CANVAS, NOWHERE, native=128)
    assert relaxed.box == CANVAS


@given(selections(), st.sampled_from([128, 512]), st.sampled_from([0.3, 1.0]))
def test_the_default_blend_fits_in_the_padding(places: tuple[Rect, Rect], native: int, strength: float) -> None:
    canvas, selection = places
    blend = default_blend(selection, native=native, strength=strength)
    region = plan(selection, canvas, native=native, strength=strength, margin=blend.reach)
    assert region.box.covers(selection.expanded(blend.reach) & canvas)
