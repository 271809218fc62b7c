"""Styles, lists of words and earlier prompts in the window."""

import pytest

from scumble.api import ScumbleError
from scumble.settings import Memory
from scumble.ui.generate.words import Words, read_lines, read_style


@pytest.fixture
def prompt(bench):
    bench.open()
    bench.select()
    bench.pick("quick-fill", steps=1)
    return bench.generation.dock.form.fields["prompt"]


def entries(button):
    button.menu().aboutToShow.emit()
    return {action.text(): action for action in button.menu().actions() if action.text()}


def test_a_job_gets_the_words_that_its_seed_chooses_in_the_styles_that_are_on(bench, prompt):
    words = bench.generation.words
    button = bench.generation.dock.menus.styles
    entries(button)["Oil painting"].trigger()
    entries(button)["At night"].trigger()
    assert button.text() == "Styles (2)"
    prompt.set_value("a {red} __colour__ cup")
    (made,) = bench.run(steps=1, seed=4)
    text = made.prepared.job.params["prompt"]
    assert text.removeprefix("an oil painting of a red ").removesuffix(" cup at night") in words.lists["colour"]
    assert bench.run(steps=1, seed=4)[-1].prepared.job.params["prompt"] == text
    assert words.recent == ("a {red} __colour__ cup",)
    entries(button)["Oil painting"].trigger()
    assert [words.styles[name].name for name in words.chosen] == ["At night"]


def test_a_list_that_is_not_there_is_named_and_the_queue_lives(bench, prompt):
    prompt.set_value("a __nothing__ cup")
    bench.generation.generate()
    assert "no list of words “nothing”" in bench.generation.dock.message.text.text()
    assert "colour" in bench.generation.dock.message.text.text()
    prompt.set_value("a cup")
    assert len(bench.run(steps=1)) == 1


def test_earlier_prompts_come_back(bench, prompt):
    for text in ("first", "second", "first"):
        prompt.set_value(text)
        bench.run(steps=1)
    recent = entries(bench.generation.dock.menus.recent)
    assert list(recent) == ["first", "second"]
    recent["second"].trigger()
    assert prompt.value() == "second"


def test_a_prompt_is_kept_as_a_style_and_taken_away(bench, prompt):
    words = bench.generation.words
    prompt.set_value("in the style of {prompt}, in fog")
    entries(bench.generation.dock.menus.styles)["Keep this prompt as a style"].trigger()
    assert prompt.value() == ""
    prompt.set_value("a boat")
    (made,) = bench.run(steps=1)
    assert made.prepared.job.params["prompt"] == "in the style of a boat, in fog"
    (name,) = words.chosen
    words.remove_style(name)
    assert words.chosen == ()
    assert bench.generation.dock.menus.styles.text() == "Styles"


def test_files_of_a_person_are_read_and_faults_are_not_fatal(tmp_path, qapp):
    folder = tmp_path / "words"
    (folder / "wildcards").mkdir(parents=True)
    (folder / "styles").mkdir()
    (folder / "wildcards" / "mood.txt").write_text("# moods\nquiet\n\n loud \n")
    (folder / "styles" / "broken.json").write_text('{"name": 3}')
    words = Words(folder, Memory(tmp_path / "memory.json"))
    assert words.lists["mood"] == ("quiet", "loud")
    assert [fault.code for fault in words.styles.faults] == ["style-broken"]
    assert read_lines(b"\xff\xfe", "x")
    with pytest.raises(ScumbleError):
        read_style(b"[" * 100_000, "deep")
