"""A prompt beyond the starter model is said to be so, kindly, and the way to other models is one click."""

from importlib import resources

import pytest

from scumble.api import ModelInfo
from scumble.generation.vocabulary import SMALL, beyond
from scumble.generation.words import expand
from scumble.ui.generate.examples import example_prompts, starter_words
from scumble.ui.generate.words import read_lines
from scumble.ui.shelf import bundled_files

MODELS = (ModelInfo("starter_model", "Starter model", "sd", 128, 4, 4), ModelInfo("large", "Large", "sd", 512, 8, 4))


@pytest.fixture
def dock(bench):
    bench.generation._on_models(MODELS)
    bench.pick("txt2img")
    bench.generation.dock.choose_model("starter_model")
    return bench.generation.dock


@pytest.fixture
def catalogue(tmp_path):
    from scumble.plugins import Catalogue

    return Catalogue(tmp_path / "plugins")


def test_it_comes_for_words_that_the_starter_model_was_never_taught_and_goes_with_them(bench, dock):
    line = dock.beyond
    dock.form.set_values({"prompt": "an astronaut riding a horse"})
    assert line.isHidden(), "not while a person may still be typing"
    bench.wait(line.isVisible, what="the line")
    assert line.text.text() == (
        "The starter model draws simple scenes and was never taught “astronaut”, “riding”, “horse”. "
        "A larger model knows more."
    )
    dock.form.set_values({"prompt": "a red house at sunset"})
    assert line.isHidden()
    dock.form.set_values({"prompt": "one two three unicorns dancing madly through purgatory"})
    bench.wait(line.isVisible, what="the line again")
    assert line.text.text().count("“") == 4
    assert " and others. " in line.text.text()
    dock.choose_model("large")
    assert line.isHidden(), "another model is not spoken for"


def test_its_button_asks_for_the_models_and_the_tab_key_reaches_it(bench, dock):
    dock.form.set_values({"prompt": "a dragon"})
    bench.wait(dock.beyond.isVisible, what="the line")
    asked = []
    dock.beyond.wanted.connect(lambda: asked.append(True))
    dock.beyond.button.click()
    assert asked == [True]
    assert dock.beyond.button.accessibleName()
    stops, widget = [], dock.model
    for _ in range(60):
        stops.append(widget)
        widget = widget.nextInFocusChain()
    assert dock.beyond.button in stops


def test_a_tool_without_a_model_has_no_such_line(bench, dock):
    dock.form.set_values({"prompt": "a dragon"})
    bench.wait(dock.beyond.isVisible, what="the line")
    bench.pick("upscale")
    assert dock.beyond.isHidden()


@pytest.mark.parametrize("prompt", example_prompts())
def test_every_example_is_within_its_words(prompt):
    assert not _unknown(prompt)


@pytest.mark.parametrize("name", sorted(bundled_files("wildcards", ".txt")))
def test_every_line_of_our_lists_is_within_its_words(name):
    lines = read_lines(bundled_files("wildcards", ".txt")[name], name)
    assert len(lines) >= 5
    for line in lines:
        assert not _unknown(expand(line, 1, {})), line


def test_its_words_are_those_of_captions():
    words = starter_words()
    assert {"castle", "watercolor", "sunset", "teal"} <= words
    assert 100 < len(words) < 400
    assert beyond("a castle", words) == ()
    assert resources.files("scumble_resources").joinpath("starter_model", "words.txt").is_file()


def _unknown(text):
    return set(text.replace(",", "").lower().split()) - starter_words() - SMALL
