from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scumble.api import Param, ParamValue, ScumbleError, Tool, parse_curve
from scumble.plugins import resolve_params


def tool_with(**params: object) -> Tool:
    return msgspec.convert({"id": "glow", "title": "Glow", "params": params}, Tool)


STRENGTH = {"type": "number", "title": "Strength", "default": 0.5, "minimum": 0, "maximum": 1}
STEPS = {"type": "integer", "title": "Steps", "default": 20, "minimum": 1, "maximum": 100}
SEED = {"type": "seed", "title": "Seed", "default": -1}
WIDTH = {"type": "size", "title": "Width", "default": 256, "minimum": 64, "maximum": 1024}
PROMPT = {"type": "prompt", "title": "Prompt", "default": ""}
TILED = {"type": "boolean", "title": "Tiled", "default": False}
CURVE = {"type": "curve", "title": "Curve", "default": "0,0 1,1"}
LEVELS = {"type": "levels", "title": "Levels", "default": "0 1 1 0 1"}
COLOUR = {"type": "colour", "title": "Colour", "default": "#808080"}
NETWORK = {"type": "file", "kind": "upscaler", "title": "Network", "default": ""}
METHOD = {"type": "enum", "title": "Method", "default": "network", "choices": ["network", "lanczos"]}


def test_defaults_are_filled_in_the_manifests_order():
    tool = tool_with(prompt=PROMPT, steps=STEPS, strength=STRENGTH, tiled=TILED, method=METHOD)
    assert list(resolve_params(tool, {"strength": 1}).items()) == [
        ("prompt", ""),
        ("steps", 20),
        ("strength", 1.0),
        ("tiled", False),
        ("method", "network"),
    ]


def test_an_unknown_name_is_refused():
    with pytest.raises(ScumbleError) as caught:
        resolve_params(tool_with(steps=STEPS), {"stepps": 3})
    assert caught.value.code == "param-unknown"
    assert str(caught.value) == "Glow has no setting called “stepps”."


@pytest.mark.parametrize(
    ("param", "given", "resolved"),
    [
        (STRENGTH, "0.25", 0.25),
        (STRENGTH, 1, 1.0),
        (STEPS, "7", 7),
        (STEPS, "7.0", 7),
        (STEPS, 7.0, 7),
        (SEED, "0", 0),
        (SEED, 4294967295, 4294967295),
        (WIDTH, "512", 512),
        (TILED, "yes", True),
        (TILED, "False", False),
        (TILED, True, True),
        (METHOD, "lanczos", "lanczos"),
        (COLOUR, " #FFaa00", "#ffaa00"),
        (PROMPT, "7", "7"),
    ],
)
def test_values_take_the_type_of_the_parameter(param: dict, given: ParamValue, resolved: ParamValue):
    value = resolve_params(tool_with(x=param), {"x": given})["x"]
    assert value == resolved
    assert type(value) is type(resolved)


@pytest.mark.parametrize(
    ("param", "given", "sentence"),
    [
        (STRENGTH, 1.5, "“Strength” is 1.5, but must be a number from 0 to 1."),
        (STRENGTH, "much", "“Strength” is much, but must be a number from 0 to 1."),
        (STRENGTH, "nan", "“Strength” is nan, but must be a number from 0 to 1."),
        (STRENGTH, float("inf"), "“Strength” is inf, but must be a number from 0 to 1."),
        (STRENGTH, True, "“Strength” is True, but must be a number from 0 to 1."),
        (STEPS, 0, "“Steps” is 0, but must be a whole number from 1 to 100."),
        (STEPS, 2.5, "“Steps” is 2.5, but must be a whole number from 1 to 100."),
        (STEPS, "", "“Steps” is empty, but must be a whole number from 1 to 100."),
        (SEED, -2, "“Seed” is -2, but must be a whole number from 0 to 4294967295, or -1 for a new one."),
        (WIDTH, 500, "“Width” is 500, but must be a multiple of 8 from 64 to 1024."),
        (WIDTH, 2048, "“Width” is 2048, but must be a multiple of 8 from 64 to 1024."),
        (TILED, "maybe", "“Tiled” is maybe, but must be true or false."),
        (COLOUR, "red", "“Colour” is red, but must be a colour such as #808080."),
        (COLOUR, 7, "“Colour” is 7, but must be a colour such as #808080."),
        (METHOD, "magic", "“Method” is magic, but must be one of network, lanczos."),
        (PROMPT, 7, "“Prompt” is 7, but must be text."),
    ],
)
def test_a_value_out_of_range_gets_a_clear_sentence(param: dict, given: ParamValue, sentence: str):
    with pytest.raises(ScumbleError) as caught:
        resolve_params(tool_with(x=param), {"x": given})
    assert caught.value.code == "param-invalid"
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("limits", "words"),
    [({}, "a number"), ({"minimum": 2}, "a number of at least 2"), ({"maximum": 0.5}, "a number of at most 0.5")],
)
def test_open_ranges_are_put_into_words(limits: dict, words: str):
    tool = tool_with(x={"type": "number", "title": "X", "default": 0, **limits})
    with pytest.raises(ScumbleError, match=f"but must be {words}\\.$"):
        resolve_params(tool, {"x": "?"})


def test_a_seed_whose_range_names_minus_one_is_described_without_it():
    tool = tool_with(seed={**SEED, "minimum": -1, "maximum": 9})
    with pytest.raises(ScumbleError, match="but must be a whole number from 0 to 9, or -1 for a new one"):
        resolve_params(tool, {"seed": 10})


def test_a_new_seed_is_drawn_each_time_within_31_bits():
    seeds = {resolve_params(tool_with(seed=SEED), {})["seed"] for _ in range(20)}
    assert len(seeds) == 20
    assert all(isinstance(seed, int) and 0 <= seed < 2**31 for seed in seeds)


def test_a_prompt_of_400_words_passes_unchanged():
    prompt = " ".join(f"word{i}" for i in range(400))
    assert resolve_params(tool_with(prompt=PROMPT), {"prompt": prompt})["prompt"] == prompt


ANY = st.one_of(st.text(max_size=20), st.integers(), st.floats(), st.booleans())


@given(ANY, st.sampled_from([STRENGTH, STEPS, SEED, WIDTH, PROMPT, TILED, METHOD, COLOUR, CURVE, LEVELS]))
def test_any_value_is_either_refused_or_becomes_one_that_passes_again(value: ParamValue, spec: dict):
    tool = tool_with(x=spec)
    try:
        first = resolve_params(tool, {"x": value})
    except ScumbleError as error:
        if error.code != "param-invalid":
            raise
        return
    assert resolve_params(tool, first) == first
    assert isinstance(first["x"], {"number": float, "boolean": bool}.get(spec["type"], (int, str)))


@given(
    st.lists(st.tuples(st.integers(0, 400), st.floats(0, 1)), min_size=2, max_size=9, unique_by=lambda p: p[0]),
)
def test_a_curve_is_written_in_one_way_and_read_back(points):
    text = " ".join(f"{x / 400},{y}" for x, y in sorted(points))
    once = resolve_params(tool_with(x=CURVE), {"x": text})["x"]
    assert parse_curve(once) == parse_curve(text)
    assert resolve_params(tool_with(x=CURVE), {"x": once})["x"] == once


@pytest.mark.parametrize("text", ["", "0,0", "0,0 0,1", "1,1 0,0", "0,0 1,2", "0,0 nan,1", "0,0 1", "0 1", "a,b c,d"])
def test_what_is_no_curve_is_refused(text: str):
    with pytest.raises(ScumbleError, match="further right"):
        resolve_params(tool_with(x=CURVE), {"x": text})


@pytest.mark.parametrize("text", ["", "0 1 1 0", "1 1 0 0 1", "0 0 1 0 1", "0 11 1 0 1", "0 1 1 0 2", "0 nan 1 0 1"])
def test_what_are_no_levels_is_refused(text: str):
    with pytest.raises(ScumbleError, match="black, gamma, white"):
        resolve_params(tool_with(x=LEVELS), {"x": text})


def test_a_file_is_any_name_or_none():
    assert resolve_params(tool_with(x=NETWORK), {"x": "fine"})["x"] == "fine"
    assert resolve_params(tool_with(x=NETWORK), {})["x"] == ""
    with pytest.raises(ScumbleError, match="the name of a file"):
        resolve_params(tool_with(x=NETWORK), {"x": 3})


def test_the_parameter_types_of_the_api_are_all_handled():
    kinds = msgspec.inspect.type_info(Param).fields[0].type.values
    handled = (STRENGTH, STEPS, SEED, WIDTH, PROMPT, TILED, METHOD, NETWORK, COLOUR, CURVE, LEVELS)
    assert {spec["type"] for spec in handled} | {"text"} == set(kinds)
