"""The panel of regions in a window that generates, with a tool that paints each region as its prompt says."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from scumble.document import Rect, RegionPrompt
from scumble.document.edits import deselect, select
from scumble.document.regions import add_region, regions_of, set_region
from scumble.files import open_document, save_document
from scumble.generation import Region
from scumble.generation.prepare import seen_picture
from scumble.render import flatten
from scumble.ui.generate.regionoverlay import OPACITY, tint_of
from scumble.ui.generate.remake import Way

LEFT = Qt.MouseButton.LeftButton

MANIFEST = """
manifest = 1
[plugin]
id = "org.example.parts"
title = "Parts"
runtime = "parts_plugin.runtime"
[[tools]]
id = "parts-fill"
title = "Parts fill"
result = "masked-layer"
model = false
regions = true
inputs = [ { name = "image", kind = "canvas" }, { name = "mask", kind = "selection" } ]
[tools.params.prompt]
type = "prompt"
title = "Prompt"
default = ""
[tools.params.negative]
type = "prompt"
title = "Negative prompt"
default = ""
[tools.params.strength]
type = "number"
title = "Strength"
default = 1.0
minimum = 0.05
maximum = 1.0
[[tools]]
id = "parts-plain"
title = "Parts plain"
result = "masked-layer"
model = false
inputs = [ { name = "image", kind = "canvas" }, { name = "mask", kind = "selection" } ]
"""

RUNTIME = """
import numpy as np
from scumble.api import Candidate, ToolResult, hookimpl

@hookimpl
def scumble_run_tool(tool, job, context):
    made = np.full((job.size[1], job.size[0], 3), int(job.text("prompt") or 10), np.uint8)
    for region in job.regions:
        made[region.mask > 127] = int(region.prompt)
    notes = {each.name: f"{each.negative} {each.strength}" for each in job.regions}
    return ToolResult((Candidate(made),), notes | {"strength": str(job.number("strength"))})
"""


@pytest.fixture(scope="module")
def plugin_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plugins")
    code = folder / "org.example.parts" / "1.0" / "parts_plugin"
    code.mkdir(parents=True)
    (folder / "org.example.parts" / "current").write_text("1.0")
    (code / "__init__.py").write_text("")
    (code / "scumble.toml").write_text(MANIFEST)
    (code / "runtime.py").write_text(RUNTIME)
    info = code.parent / "parts_plugin-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: parts-plugin\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[scumble.plugins]\nparts = parts_plugin\n")
    return folder


@pytest.fixture
def panel(bench):
    """The panel, open, over an empty picture of 256 × 256."""
    bench.open()
    bench.pick("parts-fill")
    bench.generation.regions.section.set_shown(True)
    return bench.generation.regions


def mask_of(document, name):
    kept = next(kept for kept in document.structure.selections if kept.name == name)
    return document.surface(kept.surface).read(document.bounds)


def put(bench, name, prompt, *rect, **more):
    select(bench.document, Rect(*rect))
    add_region(bench.document, name, RegionPrompt(prompt, **more))
    deselect(bench.document)


def paint(bench, *points):
    """A stroke over the canvas."""
    canvas = bench.window.canvas
    places = [canvas.viewport.to_view(*point).toPoint() for point in points]
    QTest.mousePress(canvas, LEFT, pos=places[0])
    for place in places[1:]:
        QTest.mouseMove(canvas, place)
    QTest.mouseRelease(canvas, LEFT, pos=places[-1])
    QApplication.processEvents()


def test_the_panel_is_there_for_tools_that_take_regions(bench, panel):
    assert panel.isVisibleTo(bench.generation.dock)
    bench.pick("parts-plain")
    assert not panel.isVisibleTo(bench.generation.dock)
    bench.pick("txt2img")
    assert panel.isVisibleTo(bench.generation.dock)
    assert panel.hint.isVisibleTo(panel)


def test_what_is_selected_becomes_a_region_with_one_press_and_one_step(bench, panel):
    bench.select(10, 20, 30, 40)
    steps = bench.document.history.position
    panel.add_button.click()
    (kept,) = regions_of(bench.document)
    assert bench.document.history.position == steps + 1
    assert kept.region == RegionPrompt()
    assert mask_of(bench.document, kept.name).sum() == 30 * 40 * 255
    assert list(panel.rows) == [kept.name]
    assert "(1)" in panel.section.heading.text()
    QApplication.processEvents()
    assert panel.rows[kept.name].prompt.visibleRegion().boundingRect().height() > 20
    bench.document.history.undo()
    assert not panel.rows
    assert "(" not in panel.section.heading.text()


def test_words_are_one_step_however_they_are_typed(bench, panel):
    put(bench, "sky", "", 0, 0, 50, 50)
    row = panel.rows["sky"]
    steps = bench.document.history.position
    QTest.keyClicks(row.prompt, "a blue sky")
    assert regions_of(bench.document)[0].region.prompt == ""
    QTest.keyClick(row.prompt, Qt.Key.Key_Return)
    assert regions_of(bench.document)[0].region.prompt == "a blue sky"
    assert bench.document.history.position == steps + 1
    QTest.keyClicks(row.prompt, " at noon")
    bench.session.settle()
    assert regions_of(bench.document)[0].region.prompt == "a blue sky at noon"
    assert not bench.session.interacting
    bench.document.history.undo()
    assert row.prompt.text() == "a blue sky"


def test_strength_switch_negative_and_name(bench, panel):
    put(bench, "sky", "", 0, 0, 50, 50)
    put(bench, "hill", "", 60, 0, 50, 50)
    row = panel.rows["sky"]
    row.strength.field.setValue(40)
    row.eye.click()
    assert regions_of(bench.document)[0].region == RegionPrompt(strength=0.4, on=False)
    assert not row.prompt.isEnabled()
    assert "(1)" in panel.section.heading.text()
    row.eye.click()
    row.show_negative(True)
    QTest.keyClicks(row.negative, "clouds")
    row.name_field.setText("heaven")
    row.name_field.editingFinished.emit()
    first = regions_of(bench.document)[0]
    assert (first.name, first.region.negative) == ("heaven", "clouds")
    panel.rows["heaven"].name_field.setText("hill")
    panel.rows["heaven"].name_field.editingFinished.emit()
    assert [kept.name for kept in regions_of(bench.document)] == ["heaven", "hill"]
    assert panel.rows["heaven"].name_field.text() == "heaven"


def test_a_drag_of_the_strength_is_one_step(bench, panel):
    put(bench, "sky", "", 0, 0, 50, 50)
    slider = panel.rows["sky"].strength.slider
    steps = bench.document.history.position
    slider.setSliderDown(True)
    for value in (900, 700, 500):
        slider.setValue(value)
    assert bench.document.history.position == steps
    slider.setSliderDown(False)
    assert bench.document.history.position == steps + 1
    assert regions_of(bench.document)[0].region.strength == pytest.approx(0.52, abs=0.01)


def test_where_nothing_is_selected_a_new_region_is_painted(bench, panel):
    bench.window.tools.set_tool("brush")
    bench.window.tools.set_brush("mask", bench.window.tools.brush_of("mask"))
    panel.add()
    (name,) = panel.rows
    assert bench.session.quick_mask
    assert bench.window.tools.tool == "mask"
    bench.window.tools.change_brush(size=40.0)
    paint(bench, (60, 60), (120, 60))
    bench.select(200, 200, 10, 10)
    panel.rows[name].brush.click()
    assert not bench.session.quick_mask
    assert bench.window.tools.tool == "brush"
    painted = mask_of(bench.document, name)
    assert painted[205, 205] == 255
    assert bench.document.selection_bounds.empty
    panel.rows[name].brush.click()
    paint(bench, (60, 200), (120, 200))
    bench.session.set_quick_mask(False)
    assert panel.editing.name == ""
    assert mask_of(bench.document, name)[200, 90] == 255


def test_each_stroke_on_a_region_can_be_undone_and_so_can_taking_it_up(bench, panel):
    put(bench, "sky", "", 0, 0, 50, 50)
    bench.select(200, 200, 10, 10)
    before = bench.document.history.position
    panel.paint_region("sky", True)
    paint(bench, (100, 100), (120, 120))
    assert bench.document.history.position == before + 2
    bench.document.history.undo()
    assert panel.editing.name == "sky"
    assert bench.document.selection_bounds == Rect(0, 0, 50, 50)
    bench.document.history.undo()
    assert panel.editing.name == ""
    assert not bench.session.quick_mask
    assert bench.document.selection_bounds == Rect(200, 200, 10, 10)
    assert mask_of(bench.document, "sky").sum() == 50 * 50 * 255


def test_the_menu_selects_replaces_and_deletes(bench, panel):
    put(bench, "sky", "1", 0, 0, 50, 50)
    panel.rows["sky"].act.emit("select")
    assert bench.document.selection_bounds == Rect(0, 0, 50, 50)
    bench.select(5, 5, 5, 5)
    panel.rows["sky"].act.emit("replace")
    assert mask_of(bench.document, "sky").sum() == 25 * 255
    assert regions_of(bench.document)[0].region.prompt == "1"
    panel.rows["sky"].act.emit("delete")
    assert not regions_of(bench.document)
    bench.document.history.undo()
    assert list(panel.rows) == ["sky"]


def test_the_canvas_shows_each_region_in_its_tint_while_the_panel_is_open(bench, panel):
    put(bench, "sky", "", 20, 20, 60, 60)
    put(bench, "hill", "", 120, 120, 60, 60)
    canvas = bench.window.canvas

    def seen(x, y):
        QApplication.processEvents()
        canvas.complete()
        place = canvas.viewport.to_view(x, y).toPoint()
        return canvas.grab(canvas.rect()).toImage().pixelColor(QPoint(place))

    ground = seen(200, 40)
    for (x, y), place in (((50, 50), 0), ((150, 150), 1)):
        tint, shown = tint_of(place), seen(x, y)
        wanted = [
            (1 - OPACITY) * old + OPACITY * new for old, new in zip(ground.getRgb()[:3], tint.getRgb()[:3], strict=True)
        ]
        assert np.abs(np.subtract(shown.getRgb()[:3], wanted)).max() <= 3
    panel.rows["hill"].eye.click()
    assert seen(150, 150) == ground
    assert seen(50, 50) != ground
    panel.section.set_shown(False)
    assert seen(50, 50) == ground


def test_one_job_paints_every_region_as_its_prompt_says_and_nothing_else(bench, panel):
    put(bench, "left", "50", 40, 60, 60, 80)
    put(bench, "right", "200", 100, 60, 60, 80, negative="blur", strength=0.5)
    (result,) = bench.run("parts-fill")
    assert result.notes == {"left": " 1.0", "right": "blur 0.5", "strength": "1.0"}
    bench.generation.candidates.apply(result)
    layer = bench.document.active
    box = result.prepared.anchor.box
    made = result.candidate.image[100 - box.y]
    assert made[70 - box.x, 0] == 50
    assert made[130 - box.x, 0] == 200
    assert result.prepared.affected.covers(Rect(40, 60, 120, 80))
    assert set(layer.recipe.regions) == {"left", "right"}
    assert layer.name == "50, 200"
    bench.document.history.undo()
    assert bench.document.active.recipe is None


def test_in_turn_each_region_is_a_job_of_its_own(bench, panel):
    put(bench, "left", "50", 20, 60, 60, 60)
    put(bench, "off", "90", 200, 200, 20, 20, on=False)
    put(bench, "right", "200", 160, 60, 60, 60, strength=0.5)
    panel.order.setCurrentIndex(1)
    results = bench.run("parts-fill")
    assert [result.candidate.image[0, 0, 0] for result in results] == [50, 200]
    assert [result.notes for result in results] == [{"strength": "1.0"}, {"strength": "0.5"}]
    first, second = (result.prepared.affected for result in results)
    assert first.covers(Rect(20, 60, 60, 60))
    assert second.covers(Rect(160, 60, 60, 60))
    assert not first.covers(Rect(160, 60, 60, 60))
    panel.order.setCurrentIndex(0)


def in_turn(bench, panel):
    """Two regions that touch, done in turn."""
    put(bench, "left", "50", 40, 60, 60, 80)
    put(bench, "right", "200", 100, 60, 60, 80)
    panel.order.setCurrentIndex(1)
    results = bench.run("parts-fill")
    panel.order.setCurrentIndex(0)
    return results


def test_in_turn_each_sees_what_the_ones_before_have_made(bench, panel):
    before = flatten(bench.document.snapshot(), bench.document.bounds)
    first, second = in_turn(bench, panel)
    prepared = second.prepared
    region = Region(prepared.anchor.box, prepared.job.size)
    assert np.array_equal(flatten(bench.document.snapshot(), bench.document.bounds), before)
    seen = flatten(bench.document.snapshot(), region.box)
    assert not np.array_equal(prepared.job.inputs["image"], seen_picture(prepared.tool, bench.document, region, seen))
    bench.generation.candidates.apply(first)
    seen = flatten(bench.document.snapshot(), region.box)
    assert np.array_equal(prepared.job.inputs["image"], seen_picture(prepared.tool, bench.document, region, seen))
    bench.generation.candidates.apply(second)
    watch = bench.generation.watches[bench.session]
    bench.wait(lambda: watch.idle, what="the look below the layers")
    assert not bench.session.stale


def test_what_was_made_in_turn_is_applied_in_one_step_the_last_on_top(bench, panel):
    before = flatten(bench.document.snapshot(), bench.document.bounds)
    steps = bench.document.history.position + 4
    results = in_turn(bench, panel)
    made = bench.generation.candidates.apply_set(bench.generation.candidates.set_of(results[0]))
    assert bench.document.history.position == steps + 1
    assert [layer.id for layer in bench.document.layers[-2:]] == list(made)
    assert bench.document.paint_layer(made[1]).recipe.params["prompt"] == "200"
    changed = (flatten(bench.document.snapshot(), bench.document.bounds) != before).any(axis=2)
    for result in results:
        changed[result.prepared.affected.slices(bench.document.bounds)] = False
    assert not changed.any()
    watch = bench.generation.watches[bench.session]
    bench.wait(lambda: watch.idle, what="the look below the layers")
    assert not bench.session.stale


def test_in_turn_one_that_is_called_off_is_left_out(bench, panel):
    board = bench.generation.board
    put(bench, "left", "50", 40, 60, 60, 80)
    put(bench, "right", "200", 100, 60, 60, 80)
    panel.order.setCurrentIndex(1)
    bench.pick("parts-fill")
    bench.generation.generate()
    first, second = board.jobs
    assert bench.generation.jobs.rows[second.id].state.text() == "waiting"
    board.cancel(first)
    bench.wait(lambda: not board.jobs, what="the other")
    panel.order.setCurrentIndex(0)
    (result,) = bench.generation.candidates.offered
    assert result.prepared.job.params["prompt"] == "200"


def test_again_takes_the_regions_from_the_recipe(bench, panel):
    put(bench, "left", "50", 40, 60, 60, 80)
    (result,) = bench.run("parts-fill")
    bench.generation.candidates.apply(result)
    layer = bench.document.active
    set_region(bench.document, "left", RegionPrompt("99"))
    bench.generation.recipe.remake.emit(layer, Way.SAME, {})
    bench.wait(lambda: not bench.generation.board.jobs, what="the job")
    (again,) = bench.generation.candidates.offered
    (region,) = again.prepared.job.regions
    assert region.prompt == "50"
    assert (again.candidate.image == result.candidate.image).all()


def test_a_region_that_is_being_painted_counts_as_it_is(bench, panel):
    put(bench, "left", "50", 40, 60, 60, 80)
    panel.paint_region("left", True)
    bench.select(150, 60, 60, 80)
    (result,) = bench.run("parts-fill")
    assert panel.editing.name == ""
    assert result.prepared.affected.covers(Rect(150, 60, 60, 80))
    assert not result.prepared.affected.covers(Rect(40, 60, 60, 80))


def test_regions_come_back_with_the_file(bench, panel, tmp_path):
    put(bench, "sky", "50", 0, 0, 60, 60, negative="clouds", strength=0.3)
    put(bench, "hill", "60", 60, 60, 60, 60, on=False)
    save_document(bench.document.snapshot(), tmp_path / "a.ora")
    bench.window.open_document(open_document(tmp_path / "a.ora").document, None, "Again")
    assert list(panel.rows) == ["sky", "hill"]
    assert [row.shows_negative for row in panel.rows.values()] == [True, False]
    assert panel.rows["sky"].strength.value == 30
    assert not panel.rows["hill"].region.on


def test_advice_is_silent_where_regions_say_what_changes(bench, panel):
    dock = bench.generation.dock
    bench.wait(lambda: dock.hint.text() != "", what="the advice")
    put(bench, "sky", "50", 0, 0, 60, 60)
    bench.wait(lambda: dock.hint.text() == "", what="silence")


def test_closing_the_document_while_a_region_is_painted(bench, panel):
    put(bench, "sky", "50", 0, 0, 60, 60)
    panel.paint_region("sky", True)
    bench.window.drop_session(bench.session)
    assert panel.editing.name == ""
    assert not panel.rows
    assert not panel.add_button.isEnabled()
