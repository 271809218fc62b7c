"""The recipe of a picture in the form: chosen, dropped, or offered when the picture is opened."""

import numpy as np
import pytest
from PIL import Image, PngImagePlugin
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QPushButton

from scumble.api import ModelInfo
from scumble.files import Choices, export_document
from scumble.files.a1111 import parse_a1111
from scumble.ui.actions.file import FileActions

A1111 = """a lighthouse
Negative prompt: text
Steps: 28, Sampler: Euler a, Schedule type: Karras, CFG scale: 6.5, Seed: 77, Size: 192x128, Model: dream_v8, \
Hires upscaler: Latent"""


@pytest.fixture
def picture(tmp_path):
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", A1111)
    Image.new("RGB", (16, 16), (9, 99, 200)).save(tmp_path / "light.png", pnginfo=info)
    return tmp_path / "light.png"


@pytest.fixture
def plain(tmp_path):
    Image.new("RGB", (16, 16)).save(tmp_path / "plain.png")
    return tmp_path / "plain.png"


def drop(widget, path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    place, copy = widget.rect().center(), Qt.DropAction.CopyAction
    left, bare = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(widget, QDragEnterEvent(place, copy, data, left, bare))
    QApplication.sendEvent(widget, QDropEvent(QPointF(place), copy, data, left, bare))


def said(bench):
    message = bench.generation.dock.message
    bench.wait(lambda: not message.isHidden(), what="the message")
    return message.text.text()


def taken(bench):
    dock = bench.generation.dock
    assert dock.tool.id == "txt2img"
    values = dock.form.values()
    names = ("prompt", "negative", "steps", "scheduler", "schedule", "guidance", "seed", "width", "height")
    assert [values[name] for name in names] == [
        "a lighthouse",
        "text",
        28,
        "euler-a",
        "karras",
        6.5,
        77,
        192,
        128,
    ]


def test_a_recipe_is_taken_and_what_has_no_place_is_said(bench, picture):
    bench.pick("quick-fill", prompt="before")
    bench.generation.taker.take(picture)
    assert said(bench) == (
        "The form holds the recipe of “light.png” (A1111) now, but has no place for Hires upscaler, "
        "the model “dream_v8”."
    )
    taken(bench)
    bench.open()
    bench.pick("quick-new")
    bench.run("quick-new")


@pytest.mark.parametrize("on", ["dock", "prompt"])
def test_it_is_dropped_on_the_dock(bench, picture, on):
    bench.pick("txt2img", prompt="")
    dock = bench.generation.dock
    drop(dock if on == "dock" else dock.form.fields["prompt"].edit.viewport(), picture)
    assert "light.png" in said(bench)
    taken(bench)


def test_a_picture_that_is_opened_offers_its_recipe(bench, picture, plain):
    files = FileActions(bench.window)
    files.open_paths([picture])
    messages = bench.window.messages
    bench.wait(lambda: bool(messages.notes), what="the offer")
    (note,) = messages.notes
    assert note.text == "“light.png” says how it was made (A1111)."
    assert bench.session.title == "light.png"
    note.findChild(QPushButton).click()
    taken(bench)
    files.open_paths([plain])
    bench.wait(lambda: bench.session.title == "plain.png", what="the picture")
    bench.wait(lambda: not bench.window.background.busy, what="the look for a recipe")
    assert not messages.notes


@pytest.mark.parametrize(("family", "skip"), [("sd1", 1), ("sdxl", 0)])
def test_clip_skip_is_counted_as_the_chosen_model_counts_it(bench, family, skip):
    dock = bench.generation.dock
    bench.pick("txt2img")
    dock.set_models([ModelInfo("other", "Other", "sd1", 128, 8, 4), ModelInfo("dream_v8", "Dream", family, 128, 8, 4)])
    found = parse_a1111(A1111.replace("Steps: 28", "Steps: 28, Clip skip: 2"))
    bench.generation.taker.fill(found, "light.png")
    assert dock.chosen_model.family == family
    assert dock.form.values()["clip_skip"] == skip
    assert said(bench).endswith("has no place for Hires upscaler.")


def test_a_picture_without_one_is_told(bench, plain):
    bench.generation.taker.take(plain)
    assert said(bench).startswith("“plain.png” does not say how it was made.")


def test_our_own_names_its_tool(bench, tmp_path):
    bench.open()
    bench.select()
    bench.run("quick-fill", steps=2, prompt="ours", seed=5)
    bench.generation.strip.apply_shown()
    export_document(bench.document.snapshot(), tmp_path / "ours.png", choices=Choices(recipes=True))
    bench.pick("quick-new")
    bench.generation.taker.take(tmp_path / "ours.png")
    assert said(bench) == "The form holds the recipe of “ours.png” (Scumble) now."
    assert bench.generation.dock.tool.id == "quick-fill"
    values = bench.generation.dock.form.values()
    assert (values["prompt"], values["steps"], values["seed"]) == ("ours", 2, 5)
    assert np.asarray(Image.open(tmp_path / "ours.png")).shape[:2] == (256, 256)
