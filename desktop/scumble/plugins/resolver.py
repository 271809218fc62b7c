"""Which wheels a plugin brings along, given the host's packages, which stay as they are. pip does the work."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

import msgspec
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scumble.api import ScumbleError
from scumble.plugins.wheels import refused, sha256

TIMEOUT: Final = 600
"""Seconds that one run of pip may take."""

_NOWHERE: Final = "http://127.0.0.1:9"
"""A proxy that does not answer: while offline, even an address inside a wheel's metadata is not looked up."""

_DEPENDS = re.compile(r"^\s+(\S+) (\S+) depends on (.+)$", re.MULTILINE)
_PINNED = re.compile(r"\(constraint\) (\S+)==(\S+)")
_MISSING = re.compile(r"No matching distribution found for (.+)")


@dataclass(frozen=True, slots=True)
class Sources:
    """Where wheels may come from: folders, and an index when a person asked for one.

    `offline` forbids every connection; without it and without an `index`, pip's own settings decide.
    """

    folders: tuple[Path, ...] = ()
    index: str = ""
    offline: bool = True

    def options(self) -> list[str]:
        """The same for pip."""
        options = [f"--find-links={folder}" for folder in self.folders]
        if self.offline:
            return ["--isolated", "--no-index", *options]
        return [f"--index-url={self.index}", *options] if self.index else options


class _Archive(msgspec.Struct):
    hashes: dict[str, str] = {}


class _Download(msgspec.Struct):
    url: str
    archive_info: _Archive = msgspec.field(default_factory=_Archive)


class _About(msgspec.Struct):
    name: str
    version: str


class _Item(msgspec.Struct):
    download_info: _Download
    metadata: _About


class _Report(msgspec.Struct):
    install: list[_Item]


def host_packages() -> dict[str, str]:
    """The host's distributions, canonical name → version."""
    found: dict[str, str] = {}
    for distribution in importlib.metadata.distributions():
        if distribution.metadata["Name"]:
            found.setdefault(canonicalize_name(distribution.metadata["Name"]), distribution.version)
    return found


def check_host(source: str, requires: Sequence[Requirement]) -> None:
    """Raises `ScumbleError` (`plugin-conflict`) when the host has a package in a version that does not do."""
    host = host_packages()
    for requirement in requires:
        has = host.get(canonicalize_name(requirement.name))
        wanted = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if has and wanted and not requirement.specifier.contains(has, prereleases=True):
            needs = f"{requirement.name}{requirement.specifier}"
            raise ScumbleError("plugin-conflict", source=source, needs=needs, has=f"{requirement.name} {has}")


def fetch(source: str, target: str, sources: Sources, work: Path) -> list[Path]:
    """The wheels of `target`, a path or a requirement, and of what it needs beyond the host, in `work/wheels`.

    Raises `ScumbleError`: `plugin-conflict` or `plugin-refused`.
    """
    if importlib.util.find_spec("pip") is None:
        raise refused(source, "Python's installer, pip, is missing; put it in place with “python -m ensurepip”")
    constraints = work / "host.txt"
    constraints.write_text("".join(f"{name}=={version}\n" for name, version in host_packages().items()))
    report = work / "report.json"
    done = _pip(
        ["install", "--dry-run", f"--report={report}", "--only-binary=:all:", f"--constraint={constraints}"],
        [*sources.options(), "--", target],
        sources.offline,
    )
    if done.returncode:
        raise _failure(source, done.stdout + done.stderr)
    items = msgspec.json.decode(report.read_bytes(), type=_Report).install
    wheels = work / "wheels"
    wheels.mkdir()
    remote = [item for item in items if not _copy_local(source, item, wheels)]
    if remote:
        _download(source, remote, wheels, sources, work)
    return sorted(wheels.iterdir())


def unpack(source: str, wheels: Sequence[Path], target: Path, work: Path) -> None:
    """Puts wheels, and nothing else, into a folder, each checked against its hash."""
    lock = work / "lock.txt"
    lock.write_text("".join(f"{wheel.as_uri()} --hash=sha256:{sha256(wheel)}\n" for wheel in wheels))
    options = [f"--target={target}", "--no-deps", "--require-hashes", "--quiet", f"--requirement={lock}"]
    done = _pip(["install", *options], Sources().options(), offline=True)
    if done.returncode:
        raise _failure(source, done.stdout + done.stderr)


def _copy_local(source: str, item: _Item, wheels: Path) -> bool:
    address = urlsplit(item.download_info.url)
    if address.scheme != "file":
        return False
    path = Path(url2pathname(address.path))
    copy = wheels / path.name
    shutil.copyfile(path, copy)
    expected = item.download_info.archive_info.hashes.get("sha256", "")
    if expected and sha256(copy) != expected:
        raise refused(source, f"the file “{path.name}” changed while it was read")
    return True


def _download(source: str, items: Sequence[_Item], wheels: Path, sources: Sources, work: Path) -> None:
    lock = work / "remote.txt"
    lines = []
    for item in items:
        digest = item.download_info.archive_info.hashes.get("sha256")
        if not digest:
            raise refused(source, f"the index gives no checksum for “{item.metadata.name}”")
        lines.append(f"{item.metadata.name} @ {item.download_info.url} --hash=sha256:{digest}\n")
    lock.write_text("".join(lines))
    options = ["--no-deps", "--only-binary=:all:", "--require-hashes", "--quiet", f"--dest={wheels}"]
    done = _pip(["download", *options, f"--requirement={lock}"], sources.options(), sources.offline)
    if done.returncode:
        raise _failure(source, done.stdout + done.stderr)


def _pip(command: list[str], options: list[str], offline: bool) -> subprocess.CompletedProcess[str]:
    environment = dict(os.environ)
    if offline:
        environment.update(dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), _NOWHERE))
        environment.update(NO_PROXY="", no_proxy="")
    common = ["--disable-pip-version-check", "--no-input", "--no-color", "--retries=0" if offline else "--retries=3"]
    return subprocess.run(
        [sys.executable, "-m", "pip", command[0], *common, *command[1:], *options],
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=environment,
        stdin=subprocess.DEVNULL,
        timeout=TIMEOUT,
        check=False,
    )


def _failure(source: str, report: str) -> ScumbleError:
    """pip's report as one sentence; the whole of it goes into the details."""
    pinned = _PINNED.search(report)
    wants = [line for line in _DEPENDS.finditer(report) if pinned and line[3].startswith(pinned[1])]
    missing = _MISSING.search(report)
    if pinned and wants:
        return ScumbleError(
            "plugin-conflict", details=report, source=source, needs=wants[0][3], has=f"{pinned[1]} {pinned[2]}"
        )
    if missing:
        reason = f"“{missing[1].split(' (')[0]}” is neither in Scumble nor where wheels were looked for"
    else:
        lines = [line.removeprefix("ERROR: ") for line in report.splitlines() if line.startswith("ERROR: ")]
        reason = f"pip says: {lines[0].rstrip('.') if lines else 'nothing'}"
    return ScumbleError("plugin-refused", details=report, source=source, reason=reason)
