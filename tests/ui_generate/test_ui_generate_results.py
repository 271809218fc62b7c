"""The Results dock: thousands found in a moment and read only where they are seen; used anew, exported, deleted."""

from __future__ import annotations

import zipfile

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox

from scumble.document import Recipe, Rect
from scumble.files.png import Png, encode_whole
from scumble.files.recipes import recipe_entries
from scumble.files.results import About, small_picture

MANY = 5000
WORDS = ("lake", "boat", "desert", "night", "forest", "castle", "river")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "results"


@pytest.fixture
def kept(make_bench, service):
    """A window with a dock of results, and three of them."""
    bench = make_bench(service)
    bench.open()
    bench.select()
    made = bench.run(count=3, steps=1, prompt="a boat on a lake")
    show(bench)
    bench.wait(lambda: bench.generation.acts.results.grid.results.rowCount() == 3, what="the list")
    return bench, made


def show(bench):
    bench.window.commands.action("results.show").trigger()
    bench.wait(lambda: bench.generation.acts.results._looked, what="the list")


def settled(bench):
    bench.wait(lambda: not bench.generation.acts.keeper._background.busy, what="the disk")


def titles(bench):
    return [entry.about.prompt for entry in bench.generation.acts.results.grid.results.shown]


def pick(bench, *rows):
    grid = bench.generation.acts.results.grid
    grid.clearSelection()
    for row in rows:
        grid.selectionModel().select(grid.results.index(row), grid.selectionModel().SelectionFlag.Select)


def fill(folder, count):
    """As many results as a year brings, written without waiting for the disk."""
    folder.mkdir()
    picture = np.full((24, 24, 3), 90, np.uint8)
    small = encode_whole(small_picture(picture))
    recipe = Recipe(tool="quick-fill", plugin="org.example.quick", box=Rect(0, 0, 24, 24), crop=picture)
    entries = [(name, make()) for name, make in recipe_entries(recipe, "recipe")]
    for number in range(count):
        prompt = f"{WORDS[number % 7]} {WORDS[number // 7 % 7]} number-{number}"
        about = About(id=f"{number:032x}", made=1.7e9 + number * 3600, prompt=prompt, title=prompt, seed=number)
        with zipfile.ZipFile(folder / f"{about.id}.result", "w") as archive:
            for name, data in (("about.json", msgspec.json.encode(about)), ("thumbnail.png", small), *entries):
                archive.writestr(name, data)


def test_five_thousand_are_searched_and_only_those_in_sight_are_read(make_bench, service, folder):
    fill(folder, MANY)
    bench = make_bench(service)
    settled(bench)
    bench.generation.candidates.discard_all()
    show(bench)
    dock = bench.generation.acts.results
    assert dock.grid.results.rowCount() == MANY
    bench.wait(lambda: not dock.grid.thumbnails.waiting and dock.grid.thumbnails._held, what="the pictures in sight")
    assert len(dock.grid.thumbnails._held) < 100
    dock.search.setText("CASTLE river")
    bench.wait(lambda: dock.grid.results.rowCount() < MANY, what="the search")
    found = titles(bench)
    assert len(found) == sum(
        "castle" in text and "river" in text for n in range(MANY) for text in [f"{WORDS[n % 7]} {WORDS[n // 7 % 7]}"]
    )
    assert all("castle" in title and "river" in title for title in found)
    dock.search.setText("number-4321")
    bench.wait(lambda: dock.grid.results.rowCount() == 1, what="the search")
    dock.search.setText("nothing like it")
    bench.wait(lambda: dock.grid.results.rowCount() == 0, what="the search")
    assert dock.empty.isVisible()
    dock.search.clear()
    bench.wait(lambda: dock.grid.results.rowCount() == MANY, what="all of them")
    dock.grid.scrollToBottom()
    last = f"{0:032x}"
    bench.wait(lambda: dock.grid.thumbnails._held.get(last) is not None, what="the last one")
    assert len(dock.grid.thumbnails._held) < 300


def test_what_is_generated_is_in_the_list_at_once_and_when_it_is_let_go(kept):
    bench, made = kept
    assert titles(bench) == ["a boat on a lake"] * 3
    bench.generation.candidates.discard_all()
    bench.run(count=1, steps=1, prompt="a castle")
    bench.wait(lambda: len(titles(bench)) == 4, what="the new one")
    assert titles(bench)[0] == "a castle"
    assert [entry.about.id for entry in bench.generation.acts.results.grid.results.shown][1:] == [
        result.id for result in reversed(made)
    ]


def test_a_seed_finds_one(kept):
    bench, made = kept
    bench.generation.acts.results.search.setText(str(made[1].candidate.seed))
    bench.wait(lambda: len(titles(bench)) == 1, what="the search")


def test_stars_are_one_and_the_same_in_the_strip_and_in_the_list(kept):
    bench, made = kept
    dock = bench.generation.acts.results
    pick(bench, 0)
    dock.star()
    bench.wait(lambda: made[2].starred and any(entry.starred for entry in dock.grid.results.shown), what="the star")
    bench.generation.candidates.star(made[:1], True)
    bench.wait(lambda: sum(entry.starred for entry in dock.grid.results.shown) == 2, what="the other star")
    dock.starred.click()
    assert [entry.about.id for entry in dock.grid.results.shown] == [made[2].id, made[0].id]
    dock.starred.click()
    assert len(titles(bench)) == 3


def test_one_becomes_a_layer_in_its_place_and_can_be_undone(kept):
    bench, made = kept
    steps = bench.document.history.position
    grid = bench.generation.acts.results.grid
    grid.setCurrentIndex(grid.results.index(1))
    QTest.keyClick(grid, Qt.Key.Key_Return)
    bench.wait(lambda: len(bench.document.layers) == 2, what="the layer")
    layer = bench.document.active
    assert layer.recipe.box == made[1].prepared.anchor.box
    assert layer.recipe.params["seed"] == made[1].candidate.seed
    assert layer.mask is not None
    assert bench.document.history.position == steps + 1
    bench.document.history.undo()
    assert len(bench.document.layers) == 1


def test_in_another_document_it_lies_in_the_middle(kept):
    bench, made = kept
    bench.open(width=600, height=500)
    pick(bench, 0)
    bench.generation.acts.results._do("layer")
    bench.wait(lambda: len(bench.document.layers) == 2, what="the layer")
    height, width = made[2].candidate.image.shape[:2]
    box = bench.document.active.recipe.box
    assert box == Rect((600 - width) // 2, (500 - height) // 2, width, height)
    found = bench.document.surface(bench.document.active.surface).read(box)
    assert (found[..., 2::-1] == made[2].candidate.image).all()


def test_one_opens_as_a_picture(kept):
    bench, made = kept
    pick(bench, 2)
    bench.generation.acts.results._do("document")
    bench.wait(lambda: len(bench.window.sessions) == 2, what="the picture")
    assert (bench.document.width, bench.document.height) == made[0].candidate.image.shape[1::-1]
    assert bench.session.modified


def test_its_settings_go_into_the_form(kept):
    bench, made = kept
    form = bench.generation.dock.form
    form.set_values({"prompt": "other", "seed": -1, "steps": 9})
    pick(bench, 1)
    bench.generation.acts.results._do("settings")
    bench.wait(lambda: form.values()["prompt"] == "a boat on a lake", what="the form")
    assert form.values()["seed"] == made[1].candidate.seed
    assert form.values()["steps"] == 1


def test_export_writes_every_pixel(kept, tmp_path):
    bench, made = kept
    acts = bench.generation.acts
    acts.keeper.load(made[0].id, lambda found: acts.save_to(found.recipe.crop, tmp_path / "out.png"))
    bench.wait(lambda: (tmp_path / "out.png").exists() and not bench.window.background.busy, what="the file")
    assert (Png((tmp_path / "out.png").read_bytes()).pixels() == made[0].candidate.image).all()


def test_deleting_takes_it_from_the_disk_the_list_and_the_strip(kept, folder):
    bench, made = kept
    pick(bench, 0, 2)
    grid = bench.generation.acts.results.grid
    QTest.keyClick(grid, Qt.Key.Key_Delete)
    box = next(box for box in bench.window.findChildren(QMessageBox) if box.isVisible())
    assert "2 results" in box.text()
    box.button(QMessageBox.StandardButton.Cancel).click()
    settled(bench)
    assert len(titles(bench)) == 3
    QTest.keyClick(grid, Qt.Key.Key_Delete)
    box = next(box for box in bench.window.findChildren(QMessageBox) if box.isVisible())
    next(button for button in box.buttons() if button.text() == "Delete").click()
    bench.wait(lambda: len(titles(bench)) == 1, what="the deletion")
    assert bench.generation.candidates.offered == (made[1],)
    assert [path.stem for path in folder.glob("*.result")] == [made[1].id]


def test_the_menu_and_the_buttons_have_words(kept):
    bench, _ = kept
    dock = bench.generation.acts.results
    pick(bench, 0)
    texts = [action.text() for action in dock.make_menu().actions() if not action.isSeparator()]
    assert texts == [
        "Add to the picture as a layer",
        "Open as a picture",
        "Use its settings",
        "Export as PNG…",
        "Star, or take the star away",
        "Delete for good…",
    ]
    for button in dock._buttons:
        assert button.accessibleName()
        assert button.isEnabled()
    pick(bench)
    assert not any(button.isEnabled() for button in dock._buttons)
