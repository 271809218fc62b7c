"""The model library in the window: the manager, what is dropped, what prompts complete."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QAccessible, QColor, QDropEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QPushButton,
    QSplitter,
    QTabWidget,
    QWidget,
)
from safetensors.torch import load_file, save_file
from ui_models_waiting import settle, wait

from scumble.api import ScumbleError
from scumble.document import BGRA8, Rect
from scumble.document.edits import new_document
from scumble.settings import ModelNotes
from scumble.ui.models.dropping import put_copy, put_link
from scumble.ui.models.list import ENTRY


def shown(dialog):
    return [dialog.filter.index(row, 0).data(ENTRY).name for row in range(dialog.filter.rowCount())]


def test_the_manager_shows_finds_and_remembers(program, qtbot):
    dialog = program.models.manage()
    assert shown(dialog)[:4] == ["starter_model", "neon", "ink", "mood"]
    assert set(shown(dialog)) == {"starter_model", "neon", "ink", "mood", "soft", "old", "flux", "broken"}
    for text, found in (("HATCH ink", ["ink"]), ("lora", ["neon", "ink"]), ("nothing like it", [])):
        dialog.search.setText(text)
        assert shown(dialog) == found
    assert "called that" in dialog.empty.text()
    dialog.search.clear()
    dialog.kind.setCurrentIndex(dialog.kind.findData("vae"))
    assert shown(dialog) == ["soft"]
    dialog.kind.setCurrentIndex(0)
    _write_a_note(dialog, qtbot)
    _read_the_note(program, dialog)


def _write_a_note(dialog, qtbot):
    dialog.choose("ink")
    assert dialog.details.words.text() == "old ink, hatching"
    assert not dialog.details.words.isModified()
    wait(lambda: not dialog.details.picture.isHidden(), what="the picture beside the file")
    assert dialog.details.picture.pixmap().toImage().pixelColor(5, 5) == QColor("#ff0000")
    qtbot.keyClicks(dialog.details.text, "For maps")
    qtbot.mouseClick(dialog.details.star, Qt.MouseButton.LeftButton)
    assert shown(dialog)[0] == "ink", "favourites come first"
    dialog.details.words.clear()
    qtbot.keyClicks(dialog.details.words, "parchment")
    dialog.choose("neon")
    assert dialog.details.text.toPlainText() == ""


def _read_the_note(program, dialog):
    dialog.favourites.setChecked(True)
    assert shown(dialog) == ["ink"]
    dialog.search.setText("parchment maps")
    assert shown(dialog) == ["ink"]
    note = ModelNotes(program.paths.model_notes).get("ink")
    assert (note.favourite, note.text, note.words) == (True, "For maps", "parchment")


def test_each_file_says_what_it_is_and_whether_it_runs(program):
    dialog = program.models.manage()
    details = dialog.details
    dialog.choose("starter_model")
    assert "Runs on this machine: it needs about 56" in details.room.text()
    assert not details.vae.isHidden()
    dialog.choose("flux")
    assert details.fault.text() == (
        "“flux” is a Flux model in one file instead of a diffusers folder, which Scumble cannot use yet."
    )
    assert details.use.isHidden()
    dialog.choose("broken")
    assert "damaged" in details.fault.text()
    wait(lambda: all(entry.sha256 for entry in program.models.shelf.entries if not entry.fault), what="the hashes")
    dialog.choose("neon")
    assert "SHA-256" in details.place.text()


@pytest.mark.parametrize(("share", "verdict"), [(0.5, "easy"), (0.8, "tight"), (0.95, "large"), (0, "unknown")])
def test_what_a_model_needs_is_set_against_what_there_is(program, share, verdict):
    from dataclasses import replace

    shelf = program.models.shelf
    entry = next(entry for entry in shelf.entries if entry.info is not None)
    need = shelf.room(entry).needed
    assert need > 4 * entry.values
    shelf._take(replace(shelf._found, memory=round(need / share) if share else 0))
    assert shelf.room(entry).verdict == verdict


def test_a_lora_goes_into_the_prompt_and_a_model_into_the_choice(program):
    dialog, dock = program.models.manage(), program.generation.dock
    edit = dock.form.prompts()[0].edit
    edit.setPlainText("a fox")
    for name, prompt in (("ink", "a fox <lora:ink:1>"), ("mood", "a fox <lora:ink:1> <mood>")):
        dialog.choose(name)
        dialog.details.use.click()
        assert edit.toPlainText() == prompt
    dialog.choose("neon")
    dialog.list.activated.emit(dialog.list.currentIndex())
    assert edit.toPlainText().endswith("<lora:neon:1>")
    dock.model.setCurrentIndex(-1)
    dialog.choose("starter_model")
    dialog.details.use.click()
    assert dock.chosen_model.id == "starter_model"


def test_a_pickle_is_converted_and_a_poisoned_one_refused(program):
    class Bomb:
        def __reduce__(self):
            return os.system, ("true",)

    torch.save({"a": Bomb()}, program.paths.models / "bad.ckpt")
    program.models.shelf.look_again()
    dialog = program.models.manage()
    wait(lambda: "bad" in shown(dialog), what="another look")
    dialog.choose("bad")
    dialog.details.convert_button.click()
    wait(lambda: "because" in dialog.message.text.text(), what="the refusal")
    assert "was not converted" in dialog.message.text.text()
    assert program.service.state == "idle"
    dialog.choose("old")
    dialog.details.convert_button.click()
    made = program.paths.models / "converted" / "old.safetensors"
    wait(lambda: any(entry.path == str(made) for entry in program.models.shelf.entries), what="the conversion")
    assert dialog.current.path.endswith("old.pt"), "what one looks at stays in sight"
    assert dialog.details.convert_button.isHidden()
    assert torch.equal(load_file(made)["emb_params"], torch.ones(2, 768))
    assert "<old>" in program.models.tags()
    old = next(entry for entry in program.models.shelf.entries if entry.path.endswith("old.pt"))
    assert program.models.shelf.is_converted(old)


def drop(window, *paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(
        QPointF(9, 9), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    window.dropEvent(event)


def press(window, text):
    """Presses a button of the last message."""
    buttons = {button.text(): button for button in window.messages.notes[-1].findChildren(QPushButton)}
    buttons[text].click()


def test_a_dropped_model_is_copied_or_linked_and_a_picture_still_opens(program, tmp_path):
    window, folder = program.window, program.paths.models
    outside = tmp_path / "downloads"
    outside.mkdir()
    save_file({"lora_unet_a.lora_down.weight": torch.zeros(2, 2)}, outside / "rain.safetensors")
    save_file({"lora_unet_a.lora_down.weight": torch.zeros(2, 2)}, outside / "snow.safetensors")
    drop(window, outside / "rain.safetensors", folder / "loras" / "ink.preview.png")
    wait(lambda: len(window.sessions) == 1, what="the picture")
    press(window, "Copy it")
    wait(lambda: "<lora:rain:1>" in program.models.tags(), what="the copy")
    assert (folder / "rain.safetensors").read_bytes() == (outside / "rain.safetensors").read_bytes()
    drop(window, outside / "snow.safetensors")
    press(window, "Link it")
    wait(lambda: "<lora:snow:1>" in program.models.tags(), what="the link")
    assert (folder / "snow.safetensors").samefile(outside / "snow.safetensors")


def test_a_dropped_folder_is_looked_through_and_can_be_taken_off_again(program, tmp_path):
    comfy = tmp_path / "ComfyUI"
    for name in ("comfy", "custom_nodes", "models/loras"):
        (comfy / name).mkdir(parents=True)
    save_file({"lora_unet_a.lora_down.weight": torch.zeros(2, 2)}, comfy / "models" / "loras" / "hail.safetensors")
    drop(program.window, comfy)
    press(program.window, "Use it where it is")
    assert program.models.shelf.own_folders() == [comfy]
    wait(lambda: "<lora:hail:1>" in program.models.tags(), what="the new folder")
    folders = program.models.manage().folders
    assert f"{comfy}\nComfyUI, " in folders.list.item(folders.list.count() - 1).text()
    (comfy / "models").rename(tmp_path / "away")
    comfy.rename(tmp_path / "gone")
    program.models.shelf.look_again()
    wait(lambda: "<lora:hail:1>" not in program.models.tags(), what="the folder's end")
    last = folders.list.item(folders.list.count() - 1)
    assert "is not there" in last.text()
    folders.list.setCurrentItem(last)
    folders.remove_button.click()
    assert program.models.shelf.own_folders() == []
    assert program.service.state in ("idle", "starting")


@pytest.mark.parametrize("put", [put_copy, put_link])
def test_what_cannot_be_put_there_says_why_and_leaves_nothing(tmp_path, put):
    model = tmp_path / "model.safetensors"
    model.write_bytes(b"x")
    (tmp_path / "file").touch()
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "model.safetensors").touch()
    for folder in (tmp_path / "file", tmp_path / "taken"):
        with pytest.raises(ScumbleError) as caught:
            put(model, folder)
        assert caught.value.code == "model-not-copied"
    assert [path.name for path in (tmp_path / "taken").iterdir()] == ["model.safetensors"]


def speechless(root):
    """The controls that take the focus and that a screen reader would have no word for."""
    within = (QAbstractSpinBox, QComboBox, QAbstractItemView, QTabWidget, QSplitter)
    return [
        widget
        for widget in root.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not isinstance(widget.parentWidget(), within)
        and widget.window() is root
        and not QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name).strip()
    ]


def test_every_control_of_the_manager_has_a_name_and_the_keys_reach_it(program, qtbot):
    dialog = program.models.manage()
    for tab in range(dialog.tabs.count()):
        dialog.tabs.setCurrentIndex(tab)
        assert speechless(dialog) == []
    dialog.tabs.setCurrentIndex(0)
    dialog.choose("ink")
    dialog.list.setFocus()
    qtbot.keyClick(dialog.list, Qt.Key.Key_Return)
    assert program.generation.dock.form.prompts()[0].edit.toPlainText() == "<lora:ink:1>"
    assert "Ctrl+Alt+M" in program.window.commands.action("models.manage").toolTip()


def test_a_prompt_completes_what_it_may_name(program, qtbot):
    window, edit = program.window, program.generation.dock.form.prompts()[0].edit
    window.activateWindow()
    edit.setFocus()
    wait(edit.hasFocus, what="the focus")
    edit.clear()
    completer = program.models.completers[program.generation.dock.form][0]
    qtbot.keyClicks(edit, "a fox <lora:i")
    assert completer.popup.isVisible()
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert edit.toPlainText() == "a fox <lora:ink:1>"
    assert not completer.popup.isVisible()
    qtbot.keyClicks(edit, " <mo")
    qtbot.keyClick(edit, Qt.Key.Key_Tab)
    assert edit.toPlainText() == "a fox <lora:ink:1> <mood>"
    qtbot.keyClicks(edit, " <zzz")
    assert not completer.popup.isVisible()
    settle()


def test_a_vae_that_is_chosen_reaches_the_engine_and_one_that_does_not_fit_says_so(program, tmp_path):
    from scumble.api import ToolJob

    dialog, service = program.models.manage(), program.service
    dialog.choose("starter_model")
    vae = dialog.details.vae
    vae.setCurrentIndex(vae.findData("soft"))
    vae.activated.emit(vae.currentIndex())
    assert ModelNotes(program.paths.model_notes).vaes == {"starter_model": "soft"}
    ended = {}
    service.failed.connect(lambda job, failure: ended.update({job: str(failure)}))
    service.finished.connect(lambda job, _result: ended.update({job: ""}))
    params = {"prompt": "a boat", "steps": 1}
    service.submit(ToolJob("wrong", "org.scumble.txt2img", "txt2img", params, {}, (64, 64), "starter_model"))
    wait(lambda: "wrong" in ended, 120, "the end of the job")
    assert "The VAE “soft” does not fit the model “starter_model”" in ended["wrong"]
    vae.setCurrentIndex(0)
    vae.activated.emit(0)
    service.submit(ToolJob("right", "org.scumble.txt2img", "txt2img", params, {}, (64, 64), "starter_model"))
    wait(lambda: "right" in ended, 120, "the end of the job")
    assert ended["right"] == ""
    assert not Path(program.paths.model_notes).read_text().count("soft")


def test_a_network_that_enlarges_is_offered_by_its_tool_and_used(program):
    shelf, dock = program.models.shelf, program.generation.dock
    tensors = {
        "body.0.weight": (4, 3, 3, 3),
        "body.0.bias": (4,),
        "body.1.weight": (4,),
        "body.2.weight": (27, 4, 3, 3),
    }
    made = {name: torch.zeros(shape) for name, shape in (tensors | {"body.2.bias": (27,)}).items()}
    save_file(made, program.paths.models / "thrice.safetensors")
    shelf.look_again()
    wait(lambda: any(entry.name == "thrice" for entry in shelf.entries), what="the list")
    before = dock.tool.id
    dock.pick("upscale")
    dock.form.set_values({"network": "thrice", "factor": "4"})
    assert dock.form.fields["network"].combo.currentText() == "thrice"
    program.window.open_document(new_document(30, 20, BGRA8, background=(0.5, 0.5, 0.5), name="Ground"), title="Small")
    program.generation.generate()
    wait(lambda: program.generation.candidates.offered, what="the result")
    program.generation.strip.apply_shown()
    wait(lambda: len(program.window.sessions) == 2, what="the larger picture")
    assert program.window.session.document.bounds == Rect(0, 0, 120, 80)
    dock.form.reset()
    dock.pick(before)
    (program.paths.models / "thrice.safetensors").unlink()
