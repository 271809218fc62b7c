"""The settings of the engine reach it."""

from scumble.app.computing import CHOICES, computing
from scumble.service import EngineSettings
from scumble.settings import Settings, find


def test_what_is_set_is_what_the_engine_gets(tmp_path):
    settings, plain = Settings(tmp_path / "settings.json"), EngineSettings(tmp_path, tmp_path)
    assert computing(plain, settings) == plain
    for name, value in zip(CHOICES, ("cpu", "bfloat16", "openvino", "plain", 3, "frugal", True), strict=True):
        settings.set(name, value)
        assert find(name).section
    made = computing(plain, settings)
    assert (made.backend, made.attention) == ("openvino", "plain")
    assert (made.device, made.dtype, made.threads, made.thrift, made.safety) == ("cpu", "bfloat16", 3, "frugal", True)
