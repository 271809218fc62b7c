"""What the engine has blurred says so on its card; what could not be looked at says so, too."""

import os
from dataclasses import replace

from PySide6.QtCore import Qt

from scumble.api import Candidate, ToolResult
from scumble.generation.blend import recipe


def test_a_card_says_that_its_picture_was_blurred_and_the_recipe_too(bench):
    bench.open()
    bench.select()
    three = bench.run(count=3, steps=1, prompt="a boat on a lake")
    flagged = three[1]
    assert not flagged.blurred
    before = bench.generation.strip.list.viewport().grab().toImage()
    for result in three:
        result.notes = {**result.notes, "blurred": str(flagged.candidate.seed)}
    bench.generation.candidates.changed.emit()
    assert [result.blurred for result in three] == [False, True, False]
    item = bench.generation.strip._known[flagged]
    sentence = "The safety checker flagged it, so it was blurred."
    assert sentence in item.toolTip()
    assert sentence in item.data(Qt.ItemDataRole.AccessibleTextRole)
    assert sentence not in bench.generation.strip._known[three[0]].toolTip()
    shot = bench.generation.strip.list.viewport().grab()
    assert shot.toImage() != before
    if "SCUMBLE_SHOTS" in os.environ:
        bench.generation.strip.grab().save(os.environ["SCUMBLE_SHOTS"])
    prepared = flagged.prepared
    made = recipe(prepared, flagged.candidate, prepared.anchor.box, prepared.blend, dict(flagged.notes))
    assert made.notes["blurred"] == str(flagged.candidate.seed)


def test_a_checker_that_cannot_look_is_told(bench, monkeypatch):
    bench.open()
    bench.select()
    told = []
    bench.generation.generator.refused.connect(lambda text, _details: told.append(text))
    (result,) = bench.run(count=1, steps=1, prompt="a boat")
    job = type("Job", (), {"prepared": result.prepared, "session": bench.session, "group": "", "title": "Fill"})()
    job.prepared = replace(result.prepared, job=replace(result.prepared.job, id="again"))
    sentence = "The safety checker “c” cannot be used (it is damaged), so it looked at nothing."
    made = ToolResult((Candidate(result.candidate.image, 1),), {"safety": sentence})
    bench.generation.generator._on_delivered(job, made)
    assert sentence in told
