"""Forms made from manifests: ours and a stranger's; what they show becomes what the tool is given."""

import importlib.resources
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from scumble.api import Param, ScumbleError, Tool
from scumble.document import Rect
from scumble.plugins import read_manifest, resolve_params
from scumble.ui.generate.fields import NumberField, SeedField
from scumble.ui.generate.form import ParamForm, make_field
from scumble.ui.generate.prompt import PromptField
from scumble.ui.generate.toolpicker import _two_lines
from scumble.ui.icons import Icons
from scumble.ui.theme import load_theme

BUNDLED = ("scumble_txt2img", "scumble_inpaint", "scumble_style", "scumble_upscale", "scumble_adjust")

STRANGE = Tool(
    id="strange",
    title="Strange <b>tool</b> & more",
    params={
        "unbounded": Param(type="number", title="Unbounded", default=1.5),
        "huge": Param(type="integer", title="Huge", default=5_000_000_000, minimum=0, maximum=10_000_000_000),
        "tiny": Param(type="number", title="Tiny", default=0.0003, minimum=0.0, maximum=0.001),
        "same": Param(type="number", title="Same", default=2.0, minimum=2.0, maximum=2.0),
        "flag": Param(type="boolean", title="Flag", default=True),
        "one": Param(type="enum", title="One", default="b", choices=("a", "b & c", "b")),
        "words": Param(type="text", title="Words", default="<i>as they are</i>"),
        "prompt": Param(type="prompt", title="Prompt", default="x\ny"),
        "seed": Param(type="seed", title="Seed", default=4_294_967_295),
        "size": Param(type="size", title="Size", default=512, minimum=64, maximum=4096, step=64, advanced=True),
    },
)


@pytest.fixture
def look(qapp):
    theme = load_theme()
    return theme, Icons(theme)


@pytest.fixture
def make_form(qtbot, look):
    def make(tool):
        form = ParamForm(tool, *look)
        qtbot.addWidget(form)
        return form

    return make


def tools_of(package):
    with importlib.resources.as_file(importlib.resources.files(package) / "scumble.toml") as path:
        return read_manifest(path, package).tools


@pytest.mark.parametrize("package", BUNDLED)
def test_the_forms_of_the_bundled_tools_show_the_defaults(make_form, package):
    for tool in tools_of(package):
        form = make_form(tool)
        assert set(form.fields) == set(tool.params)
        expected = {name: param.default for name, param in tool.params.items()}
        assert form.values() == pytest.approx(expected)
        resolve_params(tool, form.values())
        assert set(form.picture_fields) == {given.name for given in tool.inputs if given.kind == "picture"}


def test_a_strange_manifest_has_a_form(make_form):
    form = make_form(STRANGE)
    assert form.values() == {name: param.default for name, param in STRANGE.params.items()}
    assert resolve_params(STRANGE, form.values()) == form.values()


def test_values_go_in_and_out(make_form):
    form = make_form(STRANGE)
    given = {
        "unbounded": -7.5,
        "huge": 9_999_999_999,
        "tiny": 0.0007,
        "flag": False,
        "one": "b & c",
        "words": "other",
        "prompt": "a\nb\nc",
        "seed": 12,
        "size": 1024,
    }
    form.set_values({**given, "unknown": 3})
    assert form.values() == pytest.approx({"same": 2.0, **given})
    form.reset()
    assert form.values() == {name: param.default for name, param in STRANGE.params.items()}


def test_what_does_not_fit_is_passed_over(make_form):
    form = make_form(STRANGE)
    form.set_values({"huge": "many", "one": "no such", "size": 1 << 40, "tiny": -3.0})
    values = form.values()
    assert values["huge"] == 5_000_000_000
    assert values["one"] == "b"
    assert values["size"] == 4096
    assert values["tiny"] == 0.0


def test_every_change_is_told(make_form, qtbot):
    form = make_form(STRANGE)
    for name, value in (("flag", False), ("one", "a"), ("words", "w"), ("prompt", "p"), ("seed", 3), ("size", 640)):
        with qtbot.waitSignal(form.changed):
            form.set_values({name: value})


def test_a_slider_and_its_number_go_together(qtbot):
    field = NumberField(Param(type="number", title="S", default=0.5, minimum=0.0, maximum=1.0, step=0.05))
    qtbot.addWidget(field)
    assert field.slider.maximum() == 20
    field.slider.setValue(13)
    assert field.value() == pytest.approx(0.65)
    field.set_value(0.2)
    assert field.slider.value() == 4


def test_a_size_stays_a_multiple_of_8(qtbot, look):
    field = make_field(Param(type="size", title="S", default=128, minimum=64, maximum=512), *look)
    qtbot.addWidget(field)
    field.spin.setValue(131)
    assert field.value() == 128
    field.spin.editingFinished.emit()
    assert field.spin.value() == 128
    field.spin.stepUp()
    assert field.value() == 136


def test_a_seed_is_new_each_time_or_kept(qtbot, look):
    field = SeedField(Param(type="seed", title="Seed", default=-1), look[1])
    qtbot.addWidget(field)
    assert field.value() == -1
    field.show_used(77)
    assert field.value() == -1
    field.lock.click()
    assert field.value() == 77
    field.show_used(5)
    assert field.value() == 77
    field.dice.click()
    assert field.value() >= 0
    field.set_value(-1)
    assert field.value() == -1
    field.spin.lineEdit().clear()
    qtbot.keyClicks(field.spin, "4")
    assert field.lock.isChecked()


def test_scrolling_past_a_control_does_not_change_it(qtbot):
    field = NumberField(Param(type="integer", title="Steps", default=20, minimum=1, maximum=100))
    qtbot.addWidget(field)
    field.show()
    for control in (field.spin, field.slider):
        middle = QPointF(control.rect().center())
        event = QWheelEvent(
            middle, control.mapToGlobal(middle), QPointF(0, 0).toPoint(), QPointF(0, 120).toPoint(),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(control, event)
    assert field.value() == 20


class Counter:
    """Counts words as tokens, as an engine would answer: later."""

    def __init__(self, field, limit):
        self.field, self.limit, self.asked = field, limit, []
        field.count_wanted.connect(self.asked.append)

    def answer(self):
        while self.asked:
            text = self.asked.pop(0)
            self.field.show_count(text, len(text.split()) + 2, self.limit)


def struck(field):
    return "".join(mark.cursor.selectedText() for mark in field.edit.extraSelections())


def test_the_counter_shows_where_the_model_stops_reading(qtbot, look):
    field = PromptField(Param(type="prompt", title="Prompt", default=""), look[0])
    qtbot.addWidget(field)
    counter = Counter(field, 12)
    words = [f"word{number}" for number in range(40)]
    field.set_value(" ".join(words))
    qtbot.waitUntil(lambda: bool(counter.asked))
    counter.answer()
    assert field.counter.text() == "42 / 12"
    assert struck(field).split() == words[10:]
    field.set_value(" ".join(words[:10]))
    assert struck(field) == ""
    qtbot.waitUntil(lambda: bool(counter.asked))
    counter.answer()
    assert field.counter.text() == "12 / 12"
    assert struck(field) == ""


def test_a_late_count_of_an_older_text_is_passed_over(qtbot, look):
    field = PromptField(Param(type="prompt", title="Prompt", default=""), look[0])
    qtbot.addWidget(field)
    field.set_value("new text")
    field.show_count("old text", 99, 77)
    assert field.counter.text() == ""
    field.show_count("new text", 4, 77)
    assert field.counter.text() == "4 / 77"


def test_one_long_word_is_struck_out_whole(qtbot, look):
    field = PromptField(Param(type="prompt", title="Prompt", default=""), look[0])
    qtbot.addWidget(field)
    field.set_value("x" * 500)
    field.show_count("x" * 500, 300, 77)
    assert struck(field) == "x" * 500


def test_a_file_that_is_no_picture_is_refused(make_form, tmp_path: Path, qtbot):
    form = make_form(tools_of("scumble_style")[0])
    (field,) = form.picture_fields.values()
    (tmp_path / "a.png").write_bytes(b"no picture")
    refused: list[ScumbleError] = []
    form.refused.connect(refused.append)
    field.choose_file(tmp_path / "a.png")
    field.choose_file(tmp_path / "b.png")
    assert [error.code for error in refused] == ["file-not-image", "file-not-found"]
    assert form.pictures() == {}


def test_long_titles_stand_on_two_lines():
    assert _two_lines("Upscale") == "Upscale"
    assert _two_lines("Text to image") == "Text to\nimage"
    assert _two_lines("Unbreakablyworded") == "Unbreakablyworded"


def test_more_settings_fold(make_form):
    form = make_form(STRANGE)
    form.show()
    assert not form.fields["size"].isVisible()
    form.more.click()
    assert form.fields["size"].isVisible()
    form.more.click()
    assert not form.fields["size"].isVisible()


def test_examples_are_offered_for_the_prompt_and_can_be_undone(make_form):
    form = make_form(next(tool for tool in tools_of("scumble_txt2img")))
    field = form.fields["prompt"]
    field.set_value("my own words")
    actions = field.examples.menu().actions()
    assert len(actions) > 5
    actions[0].trigger()
    assert field.value() == actions[0].text()
    field.edit.undo()
    assert field.value() == "my own words"
    assert not hasattr(form.fields["negative"], "examples")


def test_an_empty_prompt_has_no_count(qtbot, look):
    field = PromptField(Param(type="prompt", title="Prompt", default=""), look[0])
    qtbot.addWidget(field)
    field.show_count("", 2, 77)
    assert field.counter.text() == ""


def test_a_choice_is_read_by_its_label_and_given_by_its_name(qtbot, look):
    param = Param(type="enum", title="Kind", default="b", choices=("a", "b"), labels=("First", "Second"))
    field = make_field(param, *look)
    qtbot.addWidget(field)
    assert (field.combo.currentText(), field.value()) == ("Second", "b")
    field.set_value("a")
    field.set_value("nonsense")
    assert (field.combo.currentText(), field.value()) == ("First", "a")


def test_an_empty_prompt_says_the_first_sentence_and_its_tooltip_all(qtbot, look):
    text = "What the picture shows. (word:1.2) makes a word stronger."
    field = PromptField(Param(type="prompt", title="Prompt", default="", help=text), look[0])
    qtbot.addWidget(field)
    assert field.edit.placeholderText() == "What the picture shows"
    assert field.toolTip() == text


def test_a_file_of_weights_is_chosen_by_name_and_one_that_is_gone_says_so(qtbot, look):
    param = Param(type="file", kind="upscaler", title="Network", default="", labels=("Our own",))
    tool = Tool(id="larger", title="Larger", params={"network": param})
    form = ParamForm(tool, *look)
    qtbot.addWidget(form)
    combo = form.fields["network"].combo
    assert (combo.currentText(), form.values()) == ("Our own", {"network": ""})
    form.show_files({"upscaler": ["fine", "sharp"], "lora": ["ink"]})
    assert [combo.itemText(place) for place in range(combo.count())] == ["Our own", "fine", "sharp"]
    form.set_values({"network": "sharp"})
    form.show_files({"upscaler": ["sharp"]})
    assert form.values() == {"network": "sharp"}
    form.show_files({"upscaler": ["fine"]})
    assert (combo.currentText(), form.values()) == ("sharp (missing)", {"network": "sharp"})
    form.reset()
    assert form.values() == {"network": ""}


def test_a_layer_that_was_chosen_is_read_again_only_when_it_is_another(bench):
    """The form is asked again and again; a large layer takes long to read."""
    bench.open(300, 200)
    bench.pick("quick-like")
    (field,) = bench.generation.dock.form.picture_fields.values()
    layer = bench.document.active
    field.choose_layer(layer.id)
    first = field.picture()
    assert first.shape == (200, 300, 3)
    assert field.picture() is first
    with bench.document.history.transaction("Paint") as edit:
        edit.put(layer.surface, Rect(5, 5, 2, 2), np.zeros((2, 2, 4), np.uint8))
    second = field.picture()
    assert second is not first
    assert second.shape == (200, 300, 4)
    bench.document.history.undo()
    assert (field.picture() == first).all()
    field._fill_menu()
    assert not field._menu.actions()[0].icon().isNull()


def test_what_is_not_read_is_struck_out_from_the_right_sign_on(qapp):
    """Qt counts some signs as two."""
    field = PromptField(Param(type="prompt", title="Prompt", default=""), load_theme())
    field.edit.setPlainText("🦢🦢 one two")
    field._strike(3)
    (struck,) = field.edit.extraSelections()
    assert struck.cursor.selectedText() == "one two"
