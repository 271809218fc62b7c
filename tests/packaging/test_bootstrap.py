"""The bootstrap: what it does on a machine that lacks something, and that a second call does nothing."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def bootstrap() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bootstrap", ROOT / "packaging/bootstrap.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_needs_the_standard_library_only() -> None:
    code = f"import sys, runpy; runpy.run_path({str(ROOT / 'packaging/bootstrap.py')!r}); print('ok')"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True)
    assert done.stdout == "ok\n", done.stderr


def test_constraints_are_exact_and_cover_what_the_project_names() -> None:
    lines = (ROOT / "packaging/constraints.txt").read_text("utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z0-9.-]+==[0-9][^+ ]*", pin) for pin in pins)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    pinned = dict(pin.split("==") for pin in pins)
    for text in [*project["dependencies"], *extras["test"], *extras["dev"]]:
        wanted = Requirement(text)
        assert wanted.specifier.contains(pinned[canonicalize_name(wanted.name)]), text


def test_prints_the_exact_command_where_it_may_not_install(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for program, command in {
        "apt-get": "sudo apt-get update && sudo apt-get install -y --no-install-recommends libgl1 libegl1",
        "dnf": "sudo dnf install -y mesa-libGL mesa-libEGL",
        "pacman": "sudo pacman -S --needed libglvnd",
    }.items():
        folder = tmp_path / program
        folder.mkdir()
        (folder / program).write_text("#!/bin/sh\nexit 1\n")
        (folder / program).chmod(0o755)
        monkeypatch.setenv("PATH", str(folder))
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        missing = {name: bootstrap.OFFSCREEN_LIBRARIES[name] for name in ("libGL.so.1", "libEGL.so.1")}
        with pytest.raises(bootstrap.Stop) as stop:
            bootstrap.packages(missing, "the system libraries that Qt needs")
        assert command in str(stop.value)
        assert "libGL.so.1" in str(stop.value)


def test_finds_out_that_a_library_is_missing(bootstrap: ModuleType) -> None:
    assert not bootstrap.loads("libthere-is-no-such-thing.so.1")
    assert all(bootstrap.loads(name) for name in bootstrap.OFFSCREEN_LIBRARIES)


def test_installs_again_only_when_something_changed(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """With an interpreter in pip's place that succeeds and says what it was called with."""
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho "Downloading $@"\n')
    python.chmod(0o755)
    constraints = tmp_path / "constraints.txt"
    constraints.write_text("a==1\n")
    monkeypatch.setattr(bootstrap, "PYTHON", python)
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / "stamp")
    monkeypatch.setattr(bootstrap, "CONSTRAINTS", constraints)

    def said(*, with_tests: bool) -> str:
        bootstrap.install(with_tests=with_tests)
        return capfd.readouterr().out

    assert "Downloading" in said(with_tests=False)
    assert said(with_tests=False) == ""
    assert "Downloading" in said(with_tests=True)
    assert said(with_tests=True) == ""
    assert said(with_tests=False) == ""
    constraints.write_text("a==2\n")
    assert "Downloading" in said(with_tests=False)


def test_a_failing_install_ends_with_a_sentence(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho "no space left"\nexit 1\n')
    python.chmod(0o755)
    monkeypatch.setattr(bootstrap, "PYTHON", python)
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / "stamp")
    with pytest.raises(bootstrap.Stop, match=r"no space left(.|\n)*Nothing outside \.venv was touched"):
        bootstrap.install(with_tests=False)
    assert not (tmp_path / "stamp").exists()
