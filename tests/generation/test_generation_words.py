"""Choices, lists of words and styles."""

import contextlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scumble.api import ScumbleError
from scumble.generation.words import Style, expand, styled

LISTS = {"colour": ("red", "blue"), "animals/cat": ("a __colour__ cat",), "self": ("__self__",)}


def test_a_seed_chooses_and_every_choice_is_found():
    made = {expand("a {small|large} __colour__ cup", seed, LISTS) for seed in range(60)}
    assert made == {f"a {size} {colour} cup" for size in ("small", "large") for colour in ("red", "blue")}
    assert expand("{a|b|c} __colour__", 7, LISTS) == expand("{a|b|c} __colour__", 7, LISTS)


def test_choices_and_lists_stand_within_each_other():
    made = {expand("{one {dog|fox}|__animals/cat__}", seed, LISTS) for seed in range(60)}
    assert made == {"one dog", "one fox", "a red cat", "a blue cat"}


@pytest.mark.parametrize("text", ["", "a plain (word:1.2) BREAK <lora:x:0.5>", "snake_case __ and _x_", "}{", "100 %"])
def test_other_text_stays_as_it_is(text):
    assert expand(text, 1, LISTS) == text


def test_a_brace_can_be_kept():
    assert expand(r"\{a|b\}", 1, {}) == "{a|b}"


@pytest.mark.parametrize(("text", "code"), [("__nothing__", "wildcard-missing"), ("__self__", "prompt-endless")])
def test_what_cannot_be_followed_is_refused(text, code):
    with pytest.raises(ScumbleError) as caught:
        expand(text, 1, LISTS)
    assert caught.value.code == code


@given(st.text("{}|_ab\\", max_size=40), st.integers())
def test_no_text_hangs(text, seed):
    with contextlib.suppress(ScumbleError):
        assert len(expand(text, seed, {"a": ("x",)})) <= len(text)


def test_a_long_list_is_no_bias():
    words = tuple(str(number) for number in range(10))
    counts = [expand("__n__", random.Random(seed).getrandbits(32), {"n": words}) for seed in range(2000)]
    assert all(120 < counts.count(word) < 280 for word in words)


def test_styles_frame_both_prompts_the_first_innermost():
    oil, night = Style("Oil", "an oil painting of {prompt}", "photo"), Style("Night", "at night")
    assert styled("a cat", "", [oil, night]) == ("an oil painting of a cat, at night", "photo")
    assert styled("a cat", "dog", []) == ("a cat", "dog")
    assert styled("", "", [night]) == ("at night", "")
