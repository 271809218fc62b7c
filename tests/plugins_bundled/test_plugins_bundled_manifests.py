"""The manifests of the bundled plugins: they decode, and their defaults lie within their own ranges."""

from __future__ import annotations

import ast
import importlib.resources
from pathlib import Path

import msgspec
import pytest

from scumble.api import Manifest

GENERATING = ("scumble_txt2img", "scumble_inpaint", "scumble_style", "scumble_upscale")
TOOLS = {"scumble_inpaint": ["inpaint", "heal"]}
PACKAGES = (*GENERATING, "scumble_adjust")


def read(package):
    return msgspec.toml.decode(importlib.resources.files(package).joinpath("scumble.toml").read_bytes(), type=Manifest)


@pytest.mark.parametrize("package", PACKAGES)
def test_manifest(package):
    manifest = read(package)
    short = package.removeprefix("scumble_")
    assert manifest.plugin.id == f"org.scumble.{short}"
    assert manifest.plugin.runtime == f"{package}.runtime"
    if package in GENERATING:
        assert [tool.id for tool in manifest.tools] == TOOLS.get(package, [short])
    else:
        assert all(tool.id.startswith(short) for tool in manifest.tools)
    assert manifest.permissions == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_defaults_lie_within_their_ranges(package):
    for param in (param for tool in read(package).tools for param in tool.params.values()):
        assert param.title
        if param.type in ("number", "integer", "seed", "size"):
            assert param.minimum <= param.default <= param.maximum
        elif param.type == "enum":
            assert param.default in param.choices
        elif param.type == "boolean":
            assert isinstance(param.default, bool)
        else:
            assert isinstance(param.default, str)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_plugin_imports_of_ours_only_the_api(package):
    for path in Path(str(importlib.resources.files(package))).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                top = name.split(".")[0]
                assert top not in ("diffusers", "transformers")
                assert name == "scumble.api" or not top.startswith("scumble") or top == package
