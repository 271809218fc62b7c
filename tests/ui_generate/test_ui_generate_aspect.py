"""Proportions in a form that asks for a width and a height."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scumble.api import ModelInfo, Param, Tool
from scumble.ui.generate.aspect import RATIOS, AspectField, far_from, sides
from scumble.ui.generate.form import ParamForm
from scumble.ui.icons import Icons
from scumble.ui.theme import load_theme

TOOL = Tool(
    id="new",
    title="New",
    params={
        name: Param(type="size", title=name.title(), default=512, minimum=64, maximum=2048)
        for name in ("width", "height")
    },
)


@pytest.fixture
def form(qtbot):
    theme = load_theme()
    made = ParamForm(TOOL, theme, Icons(theme))
    qtbot.addWidget(made)
    return made


@given(st.sampled_from(RATIOS), st.integers(128, 2048))
def test_sides_have_the_proportions_and_the_area(ratio, side):
    width, height = sides(ratio, side * side)
    assert width % 8 == height % 8 == 0
    assert width / height == pytest.approx(ratio[0] / ratio[1], rel=8 / min(width, height))
    assert width * height == pytest.approx(side * side, rel=16 / min(width, height))


def test_a_choice_sets_both_at_the_area_of_the_model(form):
    aspect = form.aspect
    assert aspect.currentData() == (1, 1)
    aspect.native = 512
    aspect.setCurrentIndex(aspect.findText("16 : 9"))
    aspect.activated.emit(aspect.currentIndex())
    assert form.values() == {"width": 680, "height": 384}
    assert aspect.currentData() == (16, 9)
    form.set_values({"width": 200})
    assert aspect.currentText() == "Own"
    aspect.native = 0
    aspect.setCurrentIndex(aspect.findText("2 : 3"))
    aspect.activated.emit(aspect.currentIndex())
    assert form.values() == {"width": 224, "height": 336}


def test_sizes_far_from_the_model_are_warned_of():
    for side, far in ((512, False), (640, False), (1024, True), (256, True)):
        warned = far_from(TOOL, {"width": side, "height": side}, 512)
        assert ("512 × 512" in warned) == far
    assert far_from(TOOL, {"width": 64, "height": 64}, None) == ""


def test_the_dock_knows_the_model_and_warns(bench):
    dock = bench.generation.dock
    dock.set_models([ModelInfo("m", "Model", "sd1", 128, 8, 4)])
    bench.pick("quick-fill")
    assert dock.form.aspect is None
    assert isinstance(ParamForm(TOOL, load_theme(), Icons(load_theme())).aspect, AspectField)
