"""Whether a display answers, asked without Qt's abort reaching the one who asks."""

from __future__ import annotations

import pytest

from scumble.app import display


def test_a_stale_display_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DISPLAY", ":4711")
    assert display.answers() is False
    monkeypatch.delenv("DISPLAY")
    assert display.answers() is False


def test_a_platform_without_a_screen_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert display.answers() is False
