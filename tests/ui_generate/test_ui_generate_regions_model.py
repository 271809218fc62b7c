"""Two regions painted with the mask brush and filled by the starter model: each follows its own prompt."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from scumble.document import BGRA8, Rect
from scumble.document.edits import new_document
from scumble.document.regions import regions_of
from scumble.files import open_document, save_document
from scumble.plugins import Catalogue
from scumble.render import flatten
from scumble.service import EngineSettings, ModelService

NIGHT, PAPER = Rect(8, 8, 56, 112), Rect(64, 8, 56, 112)
NIGHT_WORDS, PAPER_WORDS = "night city", "a forest, line drawing on white paper"


@pytest.fixture
def service(qapp, tmp_path):
    made = ModelService(EngineSettings(tmp_path / "engine", tmp_path / "plugins", threads=1))
    made.start()
    yield made
    made.shutdown()


@pytest.fixture
def catalogue(tmp_path):
    return Catalogue(tmp_path / "plugins")


def seen(document):
    return flatten(document.snapshot(), document.bounds)


def paint_region(bench, rect, words):
    """Adds a region, paints a rectangle of it with the mask brush, and types its prompt."""
    panel, canvas = bench.generation.regions, bench.window.canvas
    panel.add()
    bench.window.tools.change_brush(size=16.0, hardness=1.0)
    way = []
    for y in range(rect.y + 8, rect.bottom - 7, 8):
        across = [rect.x + 8, rect.right - 8]
        way += [(x, y) for x in (across if len(way) % 4 == 0 else across[::-1])]
    places = [canvas.viewport.to_view(*point).toPoint() for point in way]
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=places[0])
    for place in places[1:]:
        QTest.mouseMove(canvas, place)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=places[-1])
    QApplication.processEvents()
    row = list(panel.rows.values())[-1]
    row.brush.click()
    QTest.keyClicks(row.prompt, words)
    QTest.keyClick(row.prompt, Qt.Key.Key_Return)


def fill(bench, **values):
    bench.pick("inpaint", steps=8, seed=5, **values)
    bench.generation.generate()
    bench.wait(lambda: bool(bench.generation.candidates.offered) and not bench.generation.board.jobs, 90, "the picture")
    result = bench.generation.candidates.offered[-1]
    bench.generation.candidates.apply(result)
    return result


def test_two_painted_regions_follow_their_prompts(bench, tmp_path):
    bench.window.open_document(new_document(128, 128, BGRA8, background=(0.55, 0.5, 0.5), name="Ground"))
    before = seen(bench.document)
    paint_region(bench, NIGHT, NIGHT_WORDS)
    paint_region(bench, PAPER, PAPER_WORDS)
    steps = bench.document.history.position
    result = fill(bench)
    after = seen(bench.document)
    assert result.prepared.anchor.box == bench.document.bounds
    made = result.candidate.image
    night, paper = (float(made[rect.slices(bench.document.bounds)].mean()) for rect in (NIGHT, PAPER))
    assert night + 60 < paper
    changed = (after != before).any(axis=2)
    allowed = np.zeros(changed.shape, bool)
    allowed[result.prepared.affected.slices(bench.document.bounds)] = True
    assert not (changed & ~allowed).any()
    assert bench.document.history.position == steps + 1
    recipe = bench.document.active.recipe
    assert [words.prompt for words in recipe.regions.values()] == [
        "night city",
        "a forest, line drawing on white paper",
    ]
    save_document(bench.document.snapshot(), tmp_path / "a.ora")
    again = open_document(tmp_path / "a.ora").document
    assert [kept.region for kept in regions_of(again)] == [kept.region for kept in regions_of(bench.document)]
    assert (seen(again) == after).all()
    bench.document.history.undo()
    assert (seen(bench.document) == before).all()
