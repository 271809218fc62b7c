from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
from pathlib import Path

import pytest

from scumble.api import ScumbleError
from scumble.plugins import Catalogue

GLOW = "org.example.glow"


def test_a_folder_that_is_not_there_gives_the_bundled_plugins_only(plugins_folder: Path):
    catalogue = Catalogue(plugins_folder)
    points = importlib.metadata.distribution("scumble").entry_points.select(group="scumble.plugins")
    assert [plugin.package for plugin in catalogue.plugins] == [point.value for point in points]
    assert all(plugin.bundled and plugin.active for plugin in catalogue.plugins)
    assert {tool.id for _, tool in catalogue.tools()} >= {"txt2img", "inpaint", "style", "upscale"}
    assert not plugins_folder.exists()


def test_an_installed_plugin_is_found_by_its_metadata_and_never_imported(plugins_folder: Path, put_plugin):
    folder = put_plugin()
    catalogue = Catalogue(plugins_folder)
    plugin, tool = catalogue.find_tool("glow")
    assert (plugin.id, plugin.name, plugin.version) == (GLOW, "scumble_glow", "1.0")
    assert (plugin.origin, plugin.enabled, plugin.fault, plugin.active) == ("installed", True, "", True)
    assert plugin.runtime == "scumble_glow.runtime"
    assert tool.params["strength"].maximum == 1
    assert catalogue.sys_paths() == [str(folder)]
    assert "scumble_glow" not in sys.modules


def test_an_unknown_tool_is_refused_with_the_known_ones(plugins_folder: Path, put_plugin):
    put_plugin()
    with pytest.raises(ScumbleError) as caught:
        Catalogue(plugins_folder).find_tool("gloow")
    assert str(caught.value).startswith("There is no tool called “gloow”. The tools are: ")
    assert str(caught.value).endswith("glow.")


def test_a_broken_manifest_faults_its_own_plugin_only(plugins_folder: Path, put_plugin):
    put_plugin()
    put_plugin("org.example.broken", "broken", "scumble_broken", manifest="manifest = 1\n")
    catalogue = Catalogue(plugins_folder)
    broken = catalogue.find("org.example.broken")
    assert broken.fault.startswith("The plugin's manifest is not valid: ")
    assert (broken.manifest, broken.active, broken.tools) == (None, False, ())
    assert catalogue.find_tool("glow")[0].active


@pytest.mark.parametrize(
    ("entry_points", "reason"),
    [
        ("", "it has no entry point in the group “scumble.plugins”"),
        ("[scumble.plugins]\na = scumble_glow\nb = other\n", "it has 2 entry points in the group"),
        ("[scumble.plugins]\na = scumble_glow.inner\n", "is not the name of a top-level package"),
        ("[scumble.plugins]\na = scumble_glow:thing\n", "is not the name of a top-level package"),
    ],
)
def test_wrong_entry_points_are_a_fault(plugins_folder: Path, put_plugin, entry_points: str, reason: str):
    put_plugin(entry_points=entry_points)
    assert reason in Catalogue(plugins_folder).find(GLOW).fault


def test_a_folder_with_another_id_than_the_manifest_is_a_fault(plugins_folder: Path, put_plugin):
    put_plugin()
    (plugins_folder / GLOW).rename(plugins_folder / "org.example.shine")
    fault = Catalogue(plugins_folder).find("org.example.shine").fault
    assert fault == (
        "Its id was “org.example.shine” when it was installed and is now “org.example.glow”. Install it again."
    )


def test_ids_packages_and_tools_of_others_cannot_be_taken_over(plugins_folder: Path, put_plugin):
    put_plugin()
    put_plugin("org.example.thief", "glow", "scumble_thief")
    put_plugin("org.example.twin", "twin", "scumble_glow")
    catalogue = Catalogue(plugins_folder)
    assert catalogue.find("org.example.thief").fault == "The tool id “glow” belongs to the plugin “Glow”."
    assert catalogue.find("org.example.twin").fault == "The package “scumble_glow” belongs to the plugin “Glow”."
    assert catalogue.find_tool("glow")[0].id == GLOW


def test_a_plugin_that_is_switched_off_loses_its_tools_until_it_is_on(plugins_folder: Path, put_plugin):
    put_plugin()
    catalogue = Catalogue(plugins_folder)
    catalogue.disable(GLOW)
    assert (catalogue.find(GLOW).enabled, catalogue.find(GLOW).tools, catalogue.sys_paths()) == (False, (), [])
    assert not Catalogue(plugins_folder).find(GLOW).active
    catalogue.enable(GLOW)
    assert Catalogue(plugins_folder).find_tool("glow")[0].id == GLOW


def test_quarantine_holds_for_this_version_until_it_is_switched_on(plugins_folder: Path, put_plugin):
    put_plugin()
    catalogue = Catalogue(plugins_folder)
    catalogue.quarantine(GLOW, "It could not be imported.")
    again = Catalogue(plugins_folder)
    assert (again.find(GLOW).fault, again.find(GLOW).active) == ("It could not be imported.", False)
    put_plugin(version="1.1")
    assert Catalogue(plugins_folder).find(GLOW).active
    (plugins_folder / GLOW / "current").write_text("1.0")
    again.enable(GLOW)
    assert Catalogue(plugins_folder).find(GLOW).active


def test_a_plugin_that_cannot_be_imported_is_switched_off_at_once(plugins_folder: Path, put_plugin):
    put_plugin()
    catalogue = Catalogue(plugins_folder)
    assert catalogue.blame(GLOW, "It fell over.", crashed=False)
    assert catalogue.find(GLOW).fault == "It fell over."


@pytest.mark.parametrize(("times", "off"), [((0,), False), ((0, 599), True), ((0, 601), False), ((0, 601, 700), True)])
def test_two_crashes_within_ten_minutes_switch_a_plugin_off(
    plugins_folder: Path, put_plugin, times: tuple[float, ...], off: bool
):
    put_plugin()
    for moment in times:
        last = Catalogue(plugins_folder).blame(GLOW, "It took the engine down.", crashed=True, now=1e9 + moment)
    catalogue = Catalogue(plugins_folder)
    assert (last, not catalogue.find(GLOW).active) == (off, off)
    catalogue.enable(GLOW)
    assert not catalogue.blame(GLOW, "It took the engine down.", crashed=True, now=1e9 + 701)


def test_a_bundled_plugin_is_never_switched_off_by_itself(plugins_folder: Path):
    catalogue = Catalogue(plugins_folder)
    bundled, _ = catalogue.find_tool("txt2img")
    assert not catalogue.blame(bundled.id, "torch is broken.", crashed=False)
    assert catalogue.find(bundled.id).active


@pytest.mark.parametrize("action", ["enable", "disable", "find"])
def test_a_plugin_that_is_not_there_is_told(plugins_folder: Path, action: str):
    with pytest.raises(ScumbleError) as caught:
        getattr(Catalogue(plugins_folder), action)("org.example.none")
    assert str(caught.value) == "No plugin called “org.example.none” is installed."


@pytest.mark.parametrize("spoilt", [b"", b"{", b"[]", b'{"disabled": 3}', b"\xff\xfe"])
def test_a_spoilt_state_file_is_as_none(plugins_folder: Path, put_plugin, spoilt: bytes):
    put_plugin()
    (plugins_folder / "state.json").write_bytes(spoilt)
    (plugins_folder / "links.json").write_bytes(spoilt)
    assert Catalogue(plugins_folder).find(GLOW).active


@pytest.mark.parametrize("pointer", [b"../..", b"", b"/tmp", b"1.0/../..", b"\xff", b"9.9"])
def test_a_pointer_that_leads_astray_hurts_nobody(plugins_folder: Path, put_plugin, pointer: bytes):
    put_plugin()
    (plugins_folder / GLOW / "current").write_bytes(pointer)
    assert not any(plugin.active for plugin in Catalogue(plugins_folder).plugins if not plugin.bundled)


def test_state_is_replaced_whole_and_leaves_nothing_behind(plugins_folder: Path, put_plugin):
    put_plugin()
    Catalogue(plugins_folder).disable(GLOW)
    assert json.loads((plugins_folder / "state.json").read_text()) == {
        "version": 1,
        "disabled": [GLOW],
        "faults": {},
        "crashes": {},
    }
    assert sorted(path.name for path in plugins_folder.iterdir()) == [GLOW, "state.json"]


def test_finding_plugins_imports_neither_qt_nor_torch_nor_a_plugin(plugins_folder: Path, put_plugin):
    put_plugin()
    code = (
        "import sys, pathlib; from scumble.plugins import Catalogue; "
        f"c = Catalogue(pathlib.Path({str(plugins_folder)!r})); c.find_tool('glow'); "
        "print([m for m in sys.modules if m.split('.')[0] in ('PySide6', 'torch', 'numpy.linalg')"
        " or m.startswith('scumble_')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
