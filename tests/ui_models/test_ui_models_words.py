"""What the manager says of a file in a few words."""

from __future__ import annotations

from scumble.protocol import ModelEntry
from scumble.ui.models.words import kind_text


def test_a_model_that_is_used_without_a_part_says_which():
    whole = ModelEntry("a", "a", "checkpoint", (0, 0), family="sd3")
    assert kind_text(whole) == "Model · SD 3"
    assert kind_text(ModelEntry("a", "a", "checkpoint", (0, 0), family="sd3", params={"without": "T5"})) == (
        "Model · SD 3 · without T5"
    )


def test_an_erase_model_says_whose_weights_are_not_for_commercial_use():
    said = [kind_text(ModelEntry("a", "a", "eraser", (0, 0), family=family)) for family in ("lama", "mat")]
    assert said == ["Erase model · LaMa", "Erase model · MAT, not for commercial use"]
