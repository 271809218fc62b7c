from __future__ import annotations

import hashlib
import importlib.metadata
import sysconfig
from pathlib import Path

import numpy as np
import pytest

from scumble.api import ScumbleError
from scumble.plugins import Catalogue, install, remove, rollback

GLOW = "org.example.glow"
MANIFEST = """\
manifest = 1
[plugin]
id = "{id}"
title = "Glow"
runtime = "scumble_glow.runtime"
[[tools]]
id = "{tool}"
title = "Glow"
"""


@pytest.fixture
def catalogue(plugins_folder: Path) -> Catalogue:
    return Catalogue(plugins_folder)


def host_state() -> str:
    """A digest of the names, sizes and times of all that lies in the host's site-packages."""
    digest = hashlib.sha256()
    for kind in ("purelib", "platlib"):
        root = Path(sysconfig.get_path(kind))
        for path in sorted(root.iterdir()):
            status = path.stat()
            digest.update(f"{path.name} {status.st_size} {status.st_mtime_ns}".encode())
    for distribution in sorted(importlib.metadata.distributions(), key=lambda each: each.metadata["Name"]):
        digest.update(f"{distribution.metadata['Name']}=={distribution.version}".encode())
    return digest.hexdigest()


def tree(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*")) if folder.exists() else []


def refusal(catalogue: Catalogue, source: object, **options: object) -> str:
    """The sentence of a refused installation, after a look that nothing was left behind."""
    before = tree(catalogue.folder)
    with pytest.raises(ScumbleError) as caught:
        install(catalogue, str(source), **options)
    assert tree(catalogue.folder) == before
    assert all(plugin.bundled for plugin in Catalogue(catalogue.folder).plugins)
    return str(caught.value)


def test_a_wheel_is_installed_into_a_folder_of_its_own_and_the_host_is_untouched(catalogue: Catalogue, make_wheel):
    before = host_state()
    plugin = install(catalogue, str(make_wheel(requires=("numpy>=2", "torch"))))
    assert host_state() == before
    assert (plugin.id, plugin.version, plugin.origin, plugin.active) == (GLOW, "1.0", "installed", True)
    assert sorted(path.name for path in plugin.folder.iterdir()) == ["scumble_glow", "scumble_glow-1.0.dist-info"]
    assert sorted(path.name for path in catalogue.folder.iterdir()) == [GLOW]
    assert catalogue.find_tool("glow")[0] == plugin


def test_removing_leaves_no_trace(catalogue: Catalogue, make_wheel):
    install(catalogue, str(make_wheel()))
    catalogue.quarantine(GLOW, "It fell over.")
    remove(catalogue, GLOW)
    assert sorted(path.name for path in catalogue.folder.iterdir()) == ["state.json"]
    install(catalogue, str(make_wheel()))
    assert catalogue.find(GLOW).active


def test_an_upgrade_keeps_the_version_before_and_can_be_taken_back(catalogue: Catalogue, make_wheel):
    for version in ("1.0", "1.1", "1.2"):
        install(catalogue, str(make_wheel(version=version)))
    assert catalogue.find(GLOW).version == "1.2"
    assert sorted(path.name for path in (catalogue.folder / GLOW).iterdir()) == ["1.1", "1.2", "current"]
    assert rollback(catalogue, GLOW).version == "1.1"
    assert rollback(catalogue, GLOW).version == "1.2"


def test_there_is_no_way_back_from_the_first_version(catalogue: Catalogue, make_wheel):
    install(catalogue, str(make_wheel()))
    with pytest.raises(ScumbleError) as caught:
        rollback(catalogue, GLOW)
    assert str(caught.value) == "There is no earlier version of the plugin “Glow” to go back to."


def test_the_same_version_again_replaces_it(catalogue: Catalogue, make_wheel):
    install(catalogue, str(make_wheel()))
    install(catalogue, str(make_wheel(extra={"scumble_glow/more.py": b""})))
    assert (catalogue.find(GLOW).folder / "scumble_glow" / "more.py").exists()


def test_a_refused_upgrade_leaves_the_old_version_in_use(catalogue: Catalogue, make_wheel):
    install(catalogue, str(make_wheel()))
    with pytest.raises(ScumbleError):
        install(catalogue, str(make_wheel(version="2.0", requires=("numpy<2",))))
    assert Catalogue(catalogue.folder).find(GLOW).version == "1.0"


def test_packages_beyond_the_hosts_are_brought_along(catalogue: Catalogue, make_wheel):
    make_wheel("glow_tables", manifest=None, entry_points="")
    plugin = install(catalogue, str(make_wheel(requires=("glow_tables",))))
    assert (plugin.folder / "glow_tables" / "__init__.py").exists()


def test_a_name_is_found_in_folders(catalogue: Catalogue, make_wheel):
    wheel = make_wheel()
    assert install(catalogue, "scumble-glow", find_links=[wheel.parent]).id == GLOW


def test_a_package_that_clashes_with_the_hosts_is_refused_with_both_versions(catalogue: Catalogue, make_wheel):
    assert refusal(catalogue, make_wheel(requires=("numpy<2",))) == (
        "“scumble_glow-1.0-py3-none-any.whl” was not installed: it needs numpy<2, "
        f"but Scumble has numpy {np.__version__}."
    )


def test_a_clash_of_what_it_brings_along_is_refused_too(catalogue: Catalogue, make_wheel):
    make_wheel("glow_tables", manifest=None, entry_points="", requires=("numpy<2",))
    sentence = refusal(catalogue, make_wheel(requires=("glow_tables",)))
    assert sentence.endswith(f"it needs numpy<2, but Scumble has numpy {np.__version__}.")


def test_a_need_that_nobody_has_is_named(catalogue: Catalogue, make_wheel):
    assert refusal(catalogue, make_wheel(requires=("glow_tables>=3",))) == (
        "“scumble_glow-1.0-py3-none-any.whl” was not installed, because “glow_tables>=3” is neither in Scumble "
        "nor where wheels were looked for."
    )


HOSTILE = [
    ({"../outside.py": b""}, "the file “../outside.py” in it leads outside its folder"),
    ({"/etc/outside.py": b""}, "the file “/etc/outside.py” in it leads outside its folder"),
    ({"C:/outside.py": b""}, "the file “C:/outside.py” in it leads outside its folder"),
    ({"scumble_glow\\outside.py": b""}, "in it leads outside its folder"),
    ({"glow.pth": b"import os\n"}, "the file “glow.pth” in it would run whenever Python starts"),
    ({"sitecustomize.py": b""}, "the file “sitecustomize.py” in it would run whenever Python starts"),
    ({"usercustomize/__init__.py": b""}, "in it would run whenever Python starts"),
    ({"scumble_glow-1.0.data/purelib/x.pth": b""}, "in it would run whenever Python starts"),
    ({"scumble_glow-1.0.data/scripts/scumble": b""}, "in it would be put outside its folder"),
    ({"scumble_glow-1.0.data/data/etc/x": b""}, "in it would be put outside its folder"),
    ({"torch/__init__.py": b""}, "its package “torch” would hide one of the same name that Scumble or Python uses"),
    ({"numpy.py": b""}, "its package “numpy” would hide one of the same name that Scumble or Python uses"),
    ({"json/__init__.py": b""}, "its package “json” would hide one of the same name that Scumble or Python uses"),
    ({"scumble/x.py": b""}, "its package “scumble” would hide one of the same name that Scumble or Python uses"),
    ({"scumble_txt2img/x.py": b""}, "its package “scumble_txt2img” would hide one of the same name"),
    ({"scumble_glow-1.0.data/platlib/torch/x.py": b""}, "its package “torch” would hide one of the same name"),
    ({"scumble_glow/A.py": b"", "scumble_glow/a.py": b""}, "it holds the file “scumble_glow/a.py” twice"),
    ({"scumble_glow/zeros": bytes(80 << 20)}, "it would unpack to 80 MiB"),
]


@pytest.mark.parametrize(("extra", "reason"), HOSTILE, ids=[next(iter(extra)) for extra, _ in HOSTILE])
def test_a_hostile_wheel_is_refused(catalogue: Catalogue, make_wheel, extra: dict[str, bytes], reason: str):
    assert reason in refusal(catalogue, make_wheel(extra=extra))


def test_a_hostile_wheel_that_comes_along_is_refused(catalogue: Catalogue, make_wheel):
    make_wheel("glow_tables", manifest=None, entry_points="", extra={"x.pth": b"import os\n"})
    assert "“x.pth” in it would run whenever Python starts" in refusal(catalogue, make_wheel(requires=("glow_tables",)))


WRONG = [
    ({"entry_points": ""}, "it has no entry point in the group “scumble.plugins”"),
    (
        {"entry_points": "[scumble.plugins]\na = scumble_glow\nb = scumble_glow\n"},
        "it has 2 entry points in the group “scumble.plugins”, but may have one",
    ),
    ({"entry_points": "[scumble.plugins]\na = os.path\n"}, "is not the name of a top-level package"),
    ({"manifest": None}, "its package “scumble_glow” holds no scumble.toml"),
    ({"manifest": "manifest = 1\n"}, "missing required field `plugin`"),
    (
        {"manifest": MANIFEST.format(id=GLOW, tool="glow").replace("[[tools]]", 'requires-api = ">=9"\n[[tools]]')},
        "it needs version >=9 of the plugin interface, but this Scumble has 1.0",
    ),
    ({"inside": "Name: scumble_glow\nVersion: ../../evil\n"}, "its metadata cannot be read"),
    ({"inside": "Name: scumble_glow\nVersion: 2.0\n"}, "the name and version inside are not those of the file"),
    ({"inside": "Name: numpy\nVersion: 1.0\n"}, "the name and version inside are not those of the file"),
    ({"inside": "Version: 1.0\n"}, "the name and version inside are not those of the file"),
    ({"python": ">=4"}, "it needs Python >=4, and this is 3."),
    ({"tag": "cp27-cp27m-win32"}, "it is made for another system or another version of Python"),
    ({"requires": ("glow_tables @ https://example.org/x.whl",)}, "it wants “glow_tables” from an address of its own"),
    ({"requires": ("???",)}, "its metadata cannot be read"),
]


@pytest.mark.parametrize(("options", "reason"), WRONG, ids=[reason[:40] for _, reason in WRONG])
def test_a_wheel_that_is_no_plugin_of_ours_is_refused(catalogue: Catalogue, make_wheel, options: dict, reason: str):
    assert reason in refusal(catalogue, make_wheel(**options))


def test_something_that_is_not_a_wheel_is_refused(catalogue: Catalogue, tmp_path: Path):
    fake = tmp_path / "scumble_glow-1.0-py3-none-any.whl"
    fake.write_bytes(b"not a zip")
    assert refusal(catalogue, fake).endswith("because it is damaged or not a wheel.")
    odd = tmp_path / "glow.whl"
    odd.write_bytes(b"")
    assert refusal(catalogue, odd).endswith("because its name is not that of a wheel.")
    sdist = tmp_path / "scumble_glow-1.0.tar.gz"
    sdist.write_bytes(b"")
    assert refusal(catalogue, sdist).endswith(
        "because it is not a wheel (.whl), and building one from sources would run code."
    )


def test_a_wheel_that_is_not_there_is_told(catalogue: Catalogue, tmp_path: Path):
    assert refusal(catalogue, tmp_path / "no.whl") == f"There is no file “{tmp_path / 'no.whl'}”."


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("scumble-glow", "there is no such file or folder; to install by name, say where from"),
        ("--editable", "it is neither a wheel, nor a folder, nor the name of a plugin"),
        ("scumble-glow @ https://example.org/x.whl", "addresses are not accepted; save the wheel first"),
    ],
)
def test_a_name_is_refused_without_a_place_to_look(catalogue: Catalogue, source: str, reason: str):
    assert reason in refusal(catalogue, source)


def test_a_source_archive_in_a_folder_is_not_built(catalogue: Catalogue, tmp_path: Path):
    (tmp_path / "scumble_glow-1.0.tar.gz").write_bytes(b"")
    assert "is neither in Scumble nor where wheels were looked for" in refusal(
        catalogue, "scumble-glow", find_links=[tmp_path]
    )


def test_the_host_itself_is_no_plugin(catalogue: Catalogue, tmp_path: Path):
    assert "it is already one of the packages that Scumble itself uses" in refusal(
        catalogue, "numpy", find_links=[tmp_path]
    )


def test_a_plugin_cannot_take_a_tool_of_another(catalogue: Catalogue, make_wheel):
    install(catalogue, str(make_wheel()))
    thief = make_wheel(
        "scumble_thief",
        manifest=MANIFEST.format(id="org.example.thief", tool="glow").replace("scumble_glow", "scumble_thief"),
        entry_points="[scumble.plugins]\nx = scumble_thief\n",
    )
    with pytest.raises(ScumbleError, match="because its tool “glow” has the id of a tool of “Glow”"):
        install(catalogue, str(thief))


def test_a_plugin_that_brings_another_along_is_refused(catalogue: Catalogue, make_wheel):
    make_wheel(
        "glow_tables",
        manifest=MANIFEST.format(id="org.example.tables", tool="tables").replace("scumble_glow", "glow_tables"),
        entry_points="[scumble.plugins]\nx = glow_tables\n",
    )
    assert "it brings another plugin along" in refusal(catalogue, make_wheel(requires=("glow_tables",)))


def test_the_id_of_a_bundled_plugin_is_not_given_away(catalogue: Catalogue, make_wheel):
    bundled, _ = catalogue.find_tool("txt2img")
    wheel = make_wheel(manifest=MANIFEST.format(id=bundled.id, tool="other"))
    assert f"its id “{bundled.id}” belongs to a plugin that came with Scumble" in refusal(catalogue, wheel)


def test_a_bundled_plugin_cannot_be_removed(catalogue: Catalogue):
    bundled, _ = catalogue.find_tool("txt2img")
    with pytest.raises(ScumbleError) as caught:
        remove(catalogue, bundled.id)
    assert str(caught.value) == (
        f"The plugin “{bundled.title}” came with Scumble and cannot be removed. It can be switched off."
    )


def test_the_tool_of_a_bundled_plugin_is_not_given_away(catalogue: Catalogue, make_wheel):
    bundled, _ = catalogue.find_tool("txt2img")
    catalogue.disable(bundled.id)
    with pytest.raises(ScumbleError) as caught:
        install(catalogue, str(make_wheel(manifest=MANIFEST.format(id=GLOW, tool="txt2img"))))
    assert str(caught.value).endswith(f"its tool “txt2img” has the id of a tool of “{bundled.title}”.")


def test_what_was_put_in_place_by_hand_takes_nothing_over_either(catalogue: Catalogue, put_plugin):
    bundled, _ = catalogue.find_tool("txt2img")
    put_plugin(bundled.id, "other", "scumble_other")
    put_plugin("org.example.thief", "txt2img", "scumble_thief")
    catalogue.disable(bundled.id)
    catalogue.enable(bundled.id)
    assert catalogue.find_tool("txt2img")[0].bundled
    faults = {plugin.package: plugin.fault for plugin in catalogue.plugins}
    assert faults["scumble_other"] == f"The id “{bundled.id}” belongs to the plugin “{bundled.title}”."
    assert faults["scumble_thief"] == f"The tool id “txt2img” belongs to the plugin “{bundled.title}”."
