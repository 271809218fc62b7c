"""A prompt beyond what a small model was taught."""

import pytest

from scumble.generation.vocabulary import beyond

KNOWN = frozenset({"red", "cat", "cherry", "house", "sea", "sunset", "at", "oil", "painting"})


@pytest.mark.parametrize(
    ("prompt", "unknown"),
    [
        ("", ()),
        ("of the with", ()),
        ("a red cat", ()),
        ("RED Cats, cherries and houses at the sea!", ()),
        ("an astronaut riding a horse", ("astronaut", "riding", "horse")),
        ("a red cat in a hat", ()),
        ("a cat in a hat", ("hat",)),
        ("robot robot robot, a red cat", ()),
        ("ein rotes Häuschen", ("ein", "rotes", "häuschen")),
        ("a red cat <lora:steampunk_v2:0.8> __my/list__", ()),
        ("(dragon:1.3) {castle|sea}", ("dragon", "castle")),
        ("猫", ("猫",)),
        ("42 -- !!", ()),
    ],
)
def test_the_words_that_it_was_not_taught_are_named_where_they_are_half_of_the_prompt(prompt, unknown):
    assert beyond(prompt, KNOWN) == unknown
