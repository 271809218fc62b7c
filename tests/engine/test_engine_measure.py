"""What large models compute in is measured once, remembered, and can be said otherwise."""

import json

import pytest

from scumble.engine.devices import LARGE, Device, choose_device
from scumble.engine.measure import settled
from scumble.engine.stock import SharedDevice

GUESS = Device("cpu", "float32", "bfloat16", "a guess", guessed=True)


def test_it_is_measured_once_and_believed_from_then_on(tmp_path):
    memory = tmp_path / "cache" / "device.json"
    device = settled(GUESS, memory)
    assert not device.guessed
    assert device.dtype == "float32", "small models compute as before"
    assert device.large_dtype in device.reason
    ((key, times),) = json.loads(memory.read_text()).items()
    assert set(times) == {"float32", "bfloat16"}
    for share, wanted in ((0.5, "bfloat16"), (1.05, "bfloat16"), (3.0, "float32")):
        memory.write_text(json.dumps({key: {"float32": 1.0, "bfloat16": share}}))
        assert settled(GUESS, memory).large_dtype == wanted
    assert "3.0 times as long" in settled(GUESS, memory).reason


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
    assert shared.dtype_for(LARGE - 1) == "float32"
    assert not memory.exists()
    assert shared.settled is None
    guessed = shared.get().guessed
    assert shared.dtype_for(LARGE) == shared.get().large_dtype
    assert memory.exists() == guessed
    assert (shared.settled is not None) == guessed


def test_a_wish_is_followed_but_for_float16_on_a_processor():
    for dtype in ("float32", "bfloat16"):
        device = choose_device("cpu", dtype)
        assert (device.dtype, device.large_dtype, device.guessed) == (dtype, dtype, False)
        assert dtype in device.reason
    slow = choose_device("cpu", "float16")
    assert "float16" not in (slow.dtype, slow.large_dtype)
    assert "float16 was asked for" in slow.reason
