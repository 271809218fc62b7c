"""What the engine computes on, and in which way, is shown in the settings as soon as it is known."""

from PySide6.QtWidgets import QLabel

from scumble.service import EngineSettings, ModelService
from scumble.ui.actions.help import add_help_commands
from scumble.ui.dialogs.preferences import PreferencesDialog


def test_the_settings_say_what_computes_and_how_and_where_to_change_it(make_bench, plugin_folder, tmp_path, qtbot):
    service = ModelService(EngineSettings(tmp_path, plugin_folder, device="cpu", attention="plain"))
    window = make_bench(service).window
    add_help_commands(window, None)
    window.commands.action("app.settings").trigger()
    dialog = window.findChild(PreferencesDialog)
    said = next(label for label in dialog.findChildren(QLabel) if "not looked yet" in label.text())
    service.start()
    try:
        qtbot.waitUntil(lambda: said.text().startswith("Now: CPU; "), timeout=120_000)
    finally:
        service.shutdown()
    assert "plain attention, as the settings say" in said.text()
    assert said.width() <= dialog.width(), "a long sentence is broken into lines"

    field = dialog.fields["engine.attention"]
    assert [field.itemText(place) for place in range(field.count())] == ["What is quickest here", "Fused", "Plain"]
    assert field.currentText() == "What is quickest here"
    field.setCurrentIndex(1)
    field.activated.emit(1)
    assert window.settings.own("engine.attention") == "fused"
    dialog.reject()
