"""What large models compute in, and how their attention, is measured once, remembered, and can be said otherwise."""

import json
from dataclasses import replace

import pytest

from scumble.engine.devices import LARGE, Device, choose_device
from scumble.engine.measure import settled
from scumble.engine.stock import SharedDevice

GUESS = Device("cpu", "float32", "bfloat16", "a guess", guessed=True)
OPEN = Device("cpu", "float32", "float32", "no bfloat16", large_attention="")


def remember(memory, *times):
    """Has the file tell other times than those that were measured."""
    memory.write_text(json.dumps(dict(zip(json.loads(memory.read_text()), times, strict=True))))


def test_it_is_measured_once_and_believed_from_then_on(tmp_path):
    memory = tmp_path / "cache" / "device.json"
    device = settled(GUESS, memory)
    assert not device.open
    assert device.dtype == "float32", "small models compute as before"
    assert device.large_dtype in device.reason
    ((_, times),) = json.loads(memory.read_text()).items()
    assert set(times) == {"float32", "bfloat16"}
    for share, wanted in ((0.5, "bfloat16"), (1.05, "bfloat16"), (3.0, "float32")):
        remember(memory, {"float32": 1.0, "bfloat16": share})
        assert settled(GUESS, memory).large_dtype == wanted
    assert "3.0 times as long" in settled(GUESS, memory).reason


@pytest.mark.parametrize("kind", ["float32", "bfloat16"])
def test_so_is_the_attention_in_those_numbers(tmp_path, kind):
    memory, device = tmp_path / "device.json", replace(OPEN, large_dtype=kind)
    measured = settled(device, memory)
    ((key, times),) = json.loads(memory.read_text()).items()
    assert key.endswith(f"attention in {kind}")
    assert (times["plain"] <= 0.9 * times["fused"]) == (measured.large_attention == "plain")
    assert measured.attention == "fused", "small models compute as before"
    for share, wanted in ((0.5, "plain"), (0.95, "fused"), (3.0, "fused")):
        remember(memory, {"fused": 1.0, "plain": share})
        found = settled(device, memory)
        assert (found.large_attention, found.attention_for(LARGE), found.attention_for(64)) == (wanted, wanted, "fused")
        assert found.reason.startswith("no bfloat16; ")
    assert "fused attention, as the plain one was measured here to take 3.0 times as long" in found.reason


def test_both_are_remembered_beside_each_other_and_taken_up_without_measuring(tmp_path):
    memory, both = tmp_path / "device.json", replace(GUESS, large_attention="")
    assert settled(both, memory, measure=False) == both
    assert not memory.exists()
    settled(both, memory)
    before = memory.read_text()
    assert len(json.loads(before)) == 2
    remember(memory, {"float32": 1.0, "bfloat16": 0.5}, {"fused": 2.0, "plain": 1.0})
    found = settled(both, memory, measure=False)
    if "attention in bfloat16" in before:
        assert (found.large_dtype, found.large_attention, found.open) == ("bfloat16", "plain", False)
        assert found.reason.endswith("; plain attention, measured here at 2.0 times the speed of the fused one")
    else:
        assert (found.large_dtype, found.open) == ("bfloat16", True)


@pytest.mark.parametrize("damage", ["", "[1]", '{"x": 1', "{}"])
def test_what_cannot_be_read_is_measured_anew(tmp_path, damage):
    memory = tmp_path / "device.json"
    memory.write_text(damage)
    device = settled(GUESS, memory)
    (times,) = json.loads(memory.read_text()).values()
    assert (times["bfloat16"] <= 1.1 * times["float32"]) == (device.large_dtype == "bfloat16")


def test_only_a_large_model_has_it_measured(tmp_path):
    memory = tmp_path / "device.json"
    shared = SharedDevice("cpu", memory=memory)
    assert (shared.dtype_for(LARGE - 1), shared.attention_for(LARGE - 1)) == ("float32", "fused")
    assert not memory.exists()
    assert shared.settled is None
    assert shared.dtype_for(LARGE) == shared.get().large_dtype
    assert shared.attention_for(LARGE) == shared.get().large_attention
    assert shared.settled == shared.get()
    later = SharedDevice("cpu", memory=memory)
    assert later.get() == shared.get(), "the next process knows it at once"


def test_a_wish_is_followed_but_for_float16_on_a_processor():
    for dtype in ("float32", "bfloat16"):
        device = choose_device("cpu", dtype)
        assert (device.dtype, device.large_dtype, device.guessed) == (dtype, dtype, False)
        assert dtype in device.reason
    slow = choose_device("cpu", "float16")
    assert "float16" not in (slow.dtype, slow.large_dtype)
    assert "float16 was asked for" in slow.reason


@pytest.mark.parametrize("dtype", ["", "float32"])
@pytest.mark.parametrize("way", ["fused", "plain"])
def test_a_wish_for_an_attention_is_for_all_models_and_said(tmp_path, way, dtype):
    shared = SharedDevice("cpu", dtype, tmp_path / "device.json", attention=way)
    assert shared.attention_for(64) == shared.attention_for(LARGE) == way
    assert f"{way} attention, as the settings say" in shared.get().reason
    assert "attention in" not in "".join(path.read_text() for path in tmp_path.iterdir())
