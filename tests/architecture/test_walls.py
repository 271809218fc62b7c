"""The walls of the house, and that they are really there."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = Path(sys.executable).with_name("lint-imports")

PLANTED = {
    "document": "import scumble.render",
    "render": "import scumble.ui",
    "files": "from scumble.service import *",
    "service": "import torch",
    "ui": "import diffusers",
    "generation": "import PySide6.QtCore",
    "plugins": "import scumble_txt2img",
    "settings": "import scumble.app",
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the sources, to be spoilt."""
    for folder in ("desktop", "plugins"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    path = f"{root / 'desktop'}:{root / 'plugins'}"
    program = "import sys; from importlinter.cli import lint_imports_command as main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, "--no-cache"],
        cwd=root,
        env={"PYTHONPATH": path, "PATH": ""},
        capture_output=True,
        text=True,
    )


def test_walls_stand() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_planted_violations_are_caught(copy: Path) -> None:
    for room, line in PLANTED.items():
        (copy / f"desktop/scumble/{room}/planted.py").write_text(f'"""Planted."""\n\n{line}\n')
    (copy / "plugins/scumble_txt2img/planted.py").write_text("import scumble.document\nimport scumble_style\n")
    done = lint(copy)
    assert done.returncode == 1, done.stdout + done.stderr
    broken = set(re.findall(r"^(.+) BROKEN", done.stdout, re.MULTILINE))
    expected = {f"{room} imports only what the map allows" for room in ("document", "render", "files", "settings")} | {
        "Only the engine and the plugins know torch",
        "Only ui, service, render and app know Qt",
        "The program imports no plugin",
        "A plugin imports of ours only the api",
        "No plugin imports another",
    }
    assert expected <= broken


def sources(*rooms: str) -> list[Path]:
    return [path for room in rooms for path in (ROOT / "desktop/scumble" / room).rglob("*.py")]


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def test_render_and_service_know_no_widgets() -> None:
    for path in sources("render", "service"):
        assert not {name for name in imports(path) if name.startswith("PySide6.QtWidgets")}, path
    for path in sources("service"):
        assert not {name for name in imports(path) if name.startswith("PySide6.QtGui")}, path


def test_nothing_outside_cli_imports_app() -> None:
    rooms = [p.name for p in (ROOT / "desktop/scumble").iterdir() if p.is_dir() and p.name not in {"app", "cli"}]
    for path in sources(*rooms):
        assert not {name for name in imports(path) if name.startswith("scumble.app")}, path


def test_packaging_is_no_package() -> None:
    assert not (ROOT / "packaging" / "__init__.py").exists()


def test_every_package_is_in_the_wheel() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    listed = set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    found = {f"plugins/{path.name}" for path in (ROOT / "plugins").iterdir() if (path / "__init__.py").exists()}
    assert found | {"desktop/scumble", "resources/scumble_resources"} == listed


def test_every_room_is_on_the_map() -> None:
    text = (ROOT / "desktop/ARCHITECTURE.md").read_text("utf-8")
    for path in (ROOT / "desktop/scumble").iterdir():
        if path.is_dir() and (path / "__init__.py").exists():
            assert f"`{path.name}`" in text, path.name


def test_no_file_names_a_machine() -> None:
    """Nothing in the project may depend on where it was written."""
    pattern = re.compile(r"(?<![\w./:])/(?:work|root|home)/\w")
    for folder in ("desktop", "plugins", "packaging", "resources"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in {".py", ".md", ".toml", ".txt", ".json"}:
                assert not pattern.search(path.read_text("utf-8")), path
