"""From a fresh clone to a running program: `python3 packaging/bootstrap.py run|test|bench`.

Makes `.venv`, installs the project into it, sees to the system libraries that Qt needs, and starts what was asked
for. Uses the standard library only, because it runs before anything is installed. A second call is quick and silent.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / ".scumble-installed"
CONSTRAINTS = ROOT / "packaging" / "constraints.txt"
OLDEST_PYTHON = (3, 11)
WORKERS = 4
"""Processes that run the tests at most; each starts engines of its own."""

# What Qt loads, and the Debian, Fedora and Arch packages that hold it.
OFFSCREEN_LIBRARIES = {
    "libglib-2.0.so.0": ("libglib2.0-0", "glib2", "glib2"),
    "libGL.so.1": ("libgl1", "mesa-libGL", "libglvnd"),
    "libEGL.so.1": ("libegl1", "mesa-libEGL", "libglvnd"),
    "libxkbcommon.so.0": ("libxkbcommon0", "libxkbcommon", "libxkbcommon"),
    "libdbus-1.so.3": ("libdbus-1-3", "dbus-libs", "dbus"),
    "libfontconfig.so.1": ("libfontconfig1", "fontconfig", "fontconfig"),
}
WINDOW_LIBRARIES = {
    "libxcb-cursor.so.0": ("libxcb-cursor0", "xcb-util-cursor", "xcb-util-cursor"),
    "libxcb-icccm.so.4": ("libxcb-icccm4", "xcb-util-wm", "xcb-util-wm"),
    "libxcb-keysyms.so.1": ("libxcb-keysyms1", "xcb-util-keysyms", "xcb-util-keysyms"),
    "libxcb-shape.so.0": ("libxcb-shape0", "libxcb", "libxcb"),
    "libxkbcommon-x11.so.0": ("libxkbcommon-x11-0", "libxkbcommon-x11", "libxkbcommon-x11"),
}
VIRTUAL_DISPLAY = {
    "Xvfb": ("xvfb", "xorg-x11-server-Xvfb", "xorg-server-xvfb"),
    "xauth": ("xauth", "xorg-x11-xauth", "xorg-xauth"),
}


class Stop(Exception):
    """Nothing more can be done; the text says what the person can do."""


def say(text: str) -> None:
    """One line of progress."""
    print(f"· {text}", flush=True)


def main() -> int:
    """Runs what the command line asks for; returns its exit code."""
    parser = argparse.ArgumentParser(description="Set Scumble up and run it, test it or measure it.")
    parser.add_argument("action", choices=["run", "test", "bench"])
    parser.add_argument("--only", default="", help="with bench: one area, such as canvas")
    known, rest = parser.parse_known_args()
    try:
        if sys.version_info < OLDEST_PYTHON:
            raise Stop(
                f"Scumble needs Python 3.11 or newer; this is {sys.version.split()[0]}. Run it with a newer one."
            )
        make_venv()
        install(with_tests=known.action != "run")
        system_libraries(for_tests=known.action != "run")
        if known.action == "run":
            return run(rest)
        if known.action == "bench":
            return call([PYTHON, ROOT / "packaging/bench.py", *(["--only", known.only] if known.only else []), *rest])
        return test(rest)
    except Stop as stop:
        print(f"\n{stop}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def make_venv() -> None:
    """Makes `.venv` where there is none that works."""
    if PYTHON.exists() and call([PYTHON, "-c", "import pip"], quiet=True) == 0:
        return
    if importlib.util.find_spec("ensurepip") is None:
        version = f"python3.{sys.version_info.minor}-venv"
        packages({version: ("python3-venv", "python3", "python")}, "Python's venv module")
    say("Making the environment in .venv …")
    shutil.rmtree(VENV, ignore_errors=True)
    if call([sys.executable, "-m", "venv", VENV]) != 0:
        raise Stop("The environment .venv could not be made; the lines above say why.")


def install(*, with_tests: bool) -> None:
    """Installs the project, again whenever what it depends on has changed."""
    extras = "[test,dev]" if with_tests else ""
    sources = [ROOT / "pyproject.toml", CONSTRAINTS]
    wanted = hashlib.sha256(b"".join(path.read_bytes() for path in sources) + str(ROOT).encode()).hexdigest()
    stamped = STAMP.read_text().split() if STAMP.exists() else []
    if stamped[:1] == [wanted] and (not with_tests or "tests" in stamped):
        return
    say("Installing Scumble and what it needs (some hundred megabytes the first time, a few minutes) …")
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "-c", str(CONSTRAINTS)]
    if not sys.stdout.isatty():
        command += ["--progress-bar", "off"]
    log: list[str] = []
    command += ["-e", f"{ROOT}{extras}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            log.append(line)
            if line.lstrip().startswith(("Downloading", "Installing collected", "Building editable")):
                print("  " + line.strip()[:100], flush=True)
    if process.returncode != 0:
        raise Stop(
            "".join(log[-25:]) + "\nInstalling failed; the lines above say why. Nothing outside .venv was touched."
        )
    STAMP.write_text(" ".join([wanted, *(["tests"] if with_tests else [])]))
    say("Installed; from now on this takes a second.")


def system_libraries(*, for_tests: bool) -> None:
    """Sees to the libraries of the system that Qt loads on Linux."""
    if not sys.platform.startswith("linux"):
        return
    wanted = {**OFFSCREEN_LIBRARIES, **WINDOW_LIBRARIES}
    missing = {name: packages for name, packages in wanted.items() if not loads(name)}
    if for_tests:
        missing |= {name: packages for name, packages in VIRTUAL_DISPLAY.items() if shutil.which(name) is None}
    if missing:
        packages(missing, "the system libraries that Qt needs")


def loads(library: str) -> bool:
    """Whether the dynamic linker finds a library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def packages(missing: dict[str, tuple[str, str, str]], what: str) -> None:
    """Installs system packages where that is allowed; otherwise says which command does."""
    apt, dnf, pacman = (" ".join(dict.fromkeys(names)) for names in zip(*missing.values(), strict=True))
    if shutil.which("apt-get") and os.geteuid() == 0:
        say(f"Installing {what}: {apt} …")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "-y", "--no-install-recommends", *apt.split()]):
            result = subprocess.run(["apt-get", "-q", *command], env=environment, capture_output=True, text=True)
        if result.returncode == 0:
            return
        raise Stop(f"{result.stdout[-1000:]}{result.stderr[-1000:]}\napt-get could not install: {apt}")
    commands = {
        "apt-get": f"sudo apt-get update && sudo apt-get install -y --no-install-recommends {apt}",
        "dnf": f"sudo dnf install -y {dnf}",
        "pacman": f"sudo pacman -S --needed {pacman}",
    }
    known = [command for program, command in commands.items() if shutil.which(program)] or list(commands.values())
    raise Stop(
        f"{what[0].upper()}{what[1:]} are missing ({', '.join(missing)}). Install them with:\n  " + "\n  ".join(known)
    )


def run(arguments: list[str]) -> int:
    """Opens the window; where no display answers, runs the demo."""
    if display_answers():
        return call([PYTHON, "-m", "scumble", *arguments])
    say("No display answers, so there is no window to open: running the demo instead.")
    return call([PYTHON, "-m", "scumble", "demo", *arguments])


def display_answers() -> bool:
    """Whether a window can be opened; the program itself knows how to find out."""
    return call([PYTHON, "-m", "scumble.app.display"], quiet=True) == 0


def test(arguments: list[str]) -> int:
    """Style, types, walls, then every test, offscreen and without a network where the system can cut it."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "OMP_WAIT_POLICY": "PASSIVE"}
    checks: dict[str, list[str | Path]] = {
        "style": [PYTHON, "-m", "ruff", "check", "."],
        "format": [PYTHON, "-m", "ruff", "format", "--check", "-q", "."],
        "types": [PYTHON, "-m", "mypy"],
        "walls": [VENV / PYTHON.parent.name / "lint-imports", "--no-cache"],
    }
    failed = []
    for name, command in checks.items():
        say(f"Checking {name} …")
        if call(command, environment=environment) != 0:
            failed.append(name)
    say("Running the tests …")
    cut: list[str | Path] = ["unshare", "-rn"]
    isolated = shutil.which("unshare") is not None and call([*cut, "true"], quiet=True) == 0
    if not isolated:
        say("This system cannot cut the network for the tests; they run with it.")
    workers = ["-n", str(min(os.cpu_count() or 1, WORKERS)), "--dist", "loadfile"]
    code = call([*(cut if isolated else []), PYTHON, "-m", "pytest", *workers, *arguments], environment=environment)
    if failed:
        print(f"\nThese checks failed: {', '.join(failed)}.", file=sys.stderr)
    return code or (1 if failed else 0)


def call(
    command: list[str | Path],
    *,
    quiet: bool = False,
    timeout: float | None = None,
    environment: dict[str, str] | None = None,
) -> int:
    """Runs a command from the project's folder; returns its exit code."""
    sink = subprocess.DEVNULL if quiet else None
    return subprocess.run(
        [str(part) for part in command], cwd=ROOT, stdout=sink, stderr=sink, timeout=timeout, env=environment
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
