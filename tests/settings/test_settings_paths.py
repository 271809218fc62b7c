from __future__ import annotations

from pathlib import Path

from scumble.settings.paths import standard_paths


def test_one_variable_puts_everything_under_one_folder(tmp_path: Path):
    paths = standard_paths({"SCUMBLE_HOME": str(tmp_path)})
    places = [paths.data, paths.config, paths.cache, paths.plugins, paths.models, paths.autosave, paths.logs]
    assert all(place.is_relative_to(tmp_path) for place in places)
    assert len(set(places)) == len(places)
    assert list(tmp_path.iterdir()) == []


def test_without_it_the_systems_own_folders_are_used():
    paths = standard_paths({"SCUMBLE_HOME": ""})
    assert all("scumble" in place.parts for place in (paths.data, paths.config, paths.cache))
