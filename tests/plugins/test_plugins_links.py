from __future__ import annotations

from pathlib import Path

import pytest

from scumble.api import ScumbleError
from scumble.plugins import Catalogue, install, remove

GLOW = "org.example.glow"
COMMUNITY = Path(__file__).parents[1] / "community_plugin"
PROJECT = """\
[project]
name = "scumble-glow"
version = "0.3"
[project.entry-points."scumble.plugins"]
glow = "scumble_glow"
"""


@pytest.fixture
def catalogue(plugins_folder: Path) -> Catalogue:
    return Catalogue(plugins_folder)


def working_folder(root: Path, project: str = PROJECT, source: str = "") -> Path:
    manifest = (COMMUNITY / "scumble_glow" / "scumble.toml").read_text()
    package = root / "work" / source / "scumble_glow"
    package.mkdir(parents=True)
    (package / "scumble.toml").write_text(manifest)
    (package / "__init__.py").write_text("raise SystemExit('imported')\n")
    (root / "work" / "setup.py").write_text("raise SystemExit('run')\n")
    if project:
        (root / "work" / "pyproject.toml").write_text(project)
    return root / "work"


@pytest.mark.parametrize("source", ["", "src"])
def test_a_working_folder_is_linked_and_nothing_of_it_is_run_or_copied(
    catalogue: Catalogue, tmp_path: Path, source: str
):
    folder = working_folder(tmp_path, source=source)
    plugin = install(catalogue, str(folder))
    assert (plugin.id, plugin.name, plugin.version, plugin.origin) == (GLOW, "scumble-glow", "0.3", "link")
    assert catalogue.sys_paths() == [str(folder / source)]
    assert [path.name for path in catalogue.folder.iterdir()] == ["links.json"]


def test_a_change_of_the_manifest_is_seen_at_the_next_look(catalogue: Catalogue, tmp_path: Path):
    folder = working_folder(tmp_path)
    install(catalogue, str(folder))
    manifest = folder / "scumble_glow" / "scumble.toml"
    manifest.write_text(manifest.read_text().replace("default = 8", "default = 9"))
    catalogue.reload()
    assert catalogue.find_tool("glow")[1].params["radius"].default == 9


def test_removing_a_link_leaves_the_folder(catalogue: Catalogue, tmp_path: Path):
    folder = working_folder(tmp_path)
    install(catalogue, str(folder))
    remove(catalogue, GLOW)
    assert (folder / "scumble_glow" / "scumble.toml").exists()
    assert all(plugin.bundled for plugin in catalogue.plugins)


def test_a_linked_folder_that_went_away_is_a_fault_and_can_be_removed(catalogue: Catalogue, tmp_path: Path):
    folder = working_folder(tmp_path)
    install(catalogue, str(folder))
    folder.rename(tmp_path / "elsewhere")
    catalogue.reload()
    assert catalogue.find(GLOW).fault == (
        f"The plugin's manifest is not valid: the folder “{folder}” has no pyproject.toml."
    )
    remove(catalogue, GLOW)
    assert all(plugin.bundled for plugin in Catalogue(catalogue.folder).plugins)


def test_a_link_stands_before_an_installed_version_and_gives_it_back(catalogue: Catalogue, tmp_path: Path, put_plugin):
    put_plugin(version="1.0")
    catalogue.reload()
    install(catalogue, str(working_folder(tmp_path)))
    assert catalogue.find(GLOW).version == "0.3"
    remove(catalogue, GLOW)
    assert catalogue.find(GLOW).version == "1.0"


@pytest.mark.parametrize(
    ("project", "reason"),
    [
        ("", "because the folder “{folder}” has no pyproject.toml."),
        ("[", "because pyproject.toml: "),
        ("[tool]\n", "because pyproject.toml has no table [project]."),
        ("project = 3\n", "because pyproject.toml has no table [project]."),
        ('[project]\nname = "x"\n', "because it has no entry point in the group “scumble.plugins”."),
        ('[project]\nentry-points = "x"\n', "because it has no entry point in the group “scumble.plugins”."),
        (PROJECT + 'more = "other"\n', "because it has 2 entry points in the group “scumble.plugins”, but may have"),
        (PROJECT.replace("_glow", "_shine"), "because the package “scumble_shine” holds no scumble.toml."),
        (PROJECT.replace("scumble_glow", "../x"), "because its entry point “../x” is not the name of a top-level"),
        (PROJECT.replace("scumble_glow", "json"), "because the package “json” holds no scumble.toml."),
    ],
)
def test_a_folder_that_is_no_plugin_is_refused(catalogue: Catalogue, tmp_path: Path, project: str, reason: str):
    folder = working_folder(tmp_path, project)
    with pytest.raises(ScumbleError) as caught:
        install(catalogue, str(folder))
    assert caught.value.code == "plugin-refused"
    assert str(caught.value).startswith("“work” was not installed, because ")
    assert reason.format(folder=folder) in str(caught.value)
    assert not catalogue.folder.exists()
