"""The dialog of plugins, on real plugins and a wheel made on the spot."""

import zipfile

import pytest

from scumble.api import ModelInfo
from scumble.plugins import Catalogue
from scumble.service import EngineSettings, ModelService
from scumble.ui.actions.help import diagnostics
from scumble.ui.background import Background
from scumble.ui.generate.plugindialog import PluginDialog
from scumble.ui.icons import Icons
from scumble.ui.theme import load_theme

MANIFEST = """
manifest = 1
[plugin]
id = "org.example.stranger"
title = "Stranger <b>bold</b>"
summary = "Made by somebody else."
runtime = "stranger.runtime"
[permissions]
files = { reason = "It reads palettes." }
[[tools]]
id = "stranger"
title = "Stranger"
"""


@pytest.fixture
def wheel(tmp_path):
    path = tmp_path / "stranger-1.0-py3-none-any.whl"
    info = "stranger-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("stranger/__init__.py", "")
        archive.writestr("stranger/runtime.py", "raise SystemExit('it was run')")
        archive.writestr("stranger/scumble.toml", MANIFEST)
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/entry_points.txt", "[scumble.plugins]\nstranger = stranger\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


@pytest.fixture
def dialog(qtbot, tmp_path):
    theme = load_theme()
    background = Background()
    made = PluginDialog(Catalogue(tmp_path / "plugins"), background, theme, Icons(theme))
    qtbot.addWidget(made)
    made.show()
    yield made
    background.close()


def titles(dialog):
    return [dialog.list.item(row).text() for row in range(dialog.list.count())]


def test_the_bundled_plugins_are_listed_and_cannot_be_removed(dialog):
    assert {"Inpainting", "Text to image", "Style transfer", "Upscale"} <= set(titles(dialog))
    assert "comes with Scumble" in dialog.source.text()
    assert not dialog.remove_button.isVisible()
    assert dialog.enabled.isChecked()


def test_a_wheel_is_installed_shown_switched_off_and_removed(dialog, wheel, qtbot):
    with qtbot.waitSignal(dialog.changed, timeout=20_000):
        dialog.install_file(wheel)
        assert dialog.busy
        assert "stranger-1.0" in dialog.busy_text.text()
        assert not dialog.install_button.isEnabled()
        dialog.reject()
        assert dialog.isVisible(), "it was closed in the middle of the work"
    assert not dialog.busy
    assert dialog.install_button.isEnabled()
    assert dialog.current.id == "org.example.stranger"
    assert dialog.title.text() == "Stranger <b>bold</b>"
    assert "files: It reads palettes." in dialog.permissions.text()
    assert "Use only those whose makers you trust" in dialog.permissions.text()
    assert dialog.remove_button.isVisible()
    catalogue = dialog._catalogue
    assert any(tool.id == "stranger" for _, tool in catalogue.tools())
    with qtbot.waitSignal(dialog.changed):
        dialog.enabled.click()
    assert not any(tool.id == "stranger" for _, tool in catalogue.tools())
    assert not dialog.enabled.isChecked()
    dialog.enabled.click()
    assert any(tool.id == "stranger" for _, tool in catalogue.tools())
    with qtbot.waitSignal(dialog.changed):
        dialog.remove_plugin("org.example.stranger")
    assert "Stranger <b>bold</b>" not in titles(dialog)


def test_a_file_that_is_no_plugin_is_refused_with_a_reason(dialog, tmp_path, qtbot):
    before = titles(dialog)
    (tmp_path / "bad.whl").write_bytes(b"not a wheel")
    dialog.install_file(tmp_path / "bad.whl")
    qtbot.waitUntil(lambda: not dialog.busy, timeout=20_000)
    assert dialog.message.isVisible()
    assert "was not installed" in dialog.message.text.text()
    assert titles(dialog) == before


def test_the_dock_follows_the_catalogue(bench):
    dock = bench.generation.dock
    assert "quick-fill" in dock.picker.buttons
    dialog = bench.generation.manage_plugins()
    row = [plugin.id for plugin in bench.generation._catalogue.plugins].index("org.example.quick")
    dialog.list.setCurrentRow(row)
    dialog.enabled.click()
    assert "quick-fill" not in dock.picker.buttons
    dialog.enabled.click()
    assert "quick-fill" in dock.picker.buttons
    dialog.close()


def test_the_forms_are_remembered(bench, make_bench, service):
    bench.pick("quick-fill", prompt="a boat", steps=7, seed=5)
    bench.generation.dock.remember()
    again = make_bench(service)
    assert again.generation.dock.tool.id == "quick-fill"
    values = again.generation.dock.form.values()
    assert (values["prompt"], values["steps"], values["seed"]) == ("a boat", 7, 5)


def test_generate_waits_while_the_models_are_not_listed(qtbot, make_bench, plugin_folder, tmp_path):
    service = ModelService(EngineSettings(tmp_path / "engine", plugin_folder, warm_up=False, threads=1))
    bench = make_bench(service)
    generation = bench.generation
    bench.open()
    bench.select()
    generation.dock.pick("inpaint")
    generation._on_engine("idle")
    generation.generate()
    assert "begins as soon as" in generation.dock.message.text.text()
    assert not generation.board.jobs
    generation._on_models((ModelInfo("starter", "Starter", "sd", 256, 8, 4),))
    assert len(generation.board.jobs) == 1
    assert generation.dock.message.isHidden()


def test_generate_says_that_there_is_no_model_once_that_is_known(make_bench, plugin_folder, tmp_path):
    service = ModelService(EngineSettings(tmp_path / "engine", plugin_folder, warm_up=False, threads=1))
    bench = make_bench(service)
    bench.open()
    bench.generation.dock.pick("txt2img")
    bench.generation._on_models(())
    bench.generation.generate()
    assert "no model" in bench.generation.dock.message.text.text()


def test_generate_says_that_the_engine_did_not_start(make_bench, plugin_folder, tmp_path):
    service = ModelService(EngineSettings(tmp_path / "engine", plugin_folder, warm_up=False, threads=1))
    bench = make_bench(service)
    bench.open()
    bench.generation.dock.pick("txt2img")
    bench.generation.generate()
    bench.generation._on_engine("unavailable")
    assert "did not start" in bench.generation.dock.message.text.text()


def test_the_engine_says_how_it_is(bench):
    engine = bench.generation.dock.engine
    assert engine.text.text().startswith("Ready")
    bench.generation._on_engine("starting")
    assert "starting" in engine.text.text()
    bench.generation._on_engine("unavailable")
    assert "painting and saving still work" in engine.text.text()


def test_the_diagnostics_tell_of_engine_and_plugins(bench):
    text = diagnostics(bench.window, None)
    assert "Engine: idle" in text
    assert "org.scumble.inpaint 0.1.0" in text
    assert "org.example.quick 1.0" in text
