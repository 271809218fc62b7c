"""Finding plugins: what the start of the program pays for a hundred of them."""

from __future__ import annotations

import statistics
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from measuring import Row, row, timed

from scumble.plugins import Catalogue

COUNT: Final = 100
ROUNDS: Final = 9
LIMIT: Final = 4.0
"""Times the bare reading and parsing of the same manifests; both need the disk and a parser, we also need metadata."""

MANIFEST: Final = Path(__file__).parents[1] / "community_plugin" / "scumble_glow" / "scumble.toml"


def run() -> list[Row]:
    """All rows of this area."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        manifests = [_put(folder, number) for number in range(COUNT)]
        bare = _median(lambda: [tomllib.loads(path.read_text(encoding="utf-8")) for path in manifests])
        found = Catalogue(folder)
        assert sum(plugin.active for plugin in found.plugins) >= COUNT
        ours = _median(lambda: Catalogue(folder))
    return [row(f"plugins.find_{COUNT}", ours / bare, "ratio to parsing the manifests", LIMIT, [ours * 1000])]


def _put(folder: Path, number: int) -> Path:
    package = f"scumble_glow{number}"
    home = folder / f"org.example.glow{number}" / "1.0"
    info = home / f"{package}-1.0.dist-info"
    info.mkdir(parents=True)
    info.joinpath("METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n", encoding="utf-8")
    info.joinpath("entry_points.txt").write_text(f"[scumble.plugins]\nglow = {package}\n", encoding="utf-8")
    home.parent.joinpath("current").write_text("1.0", encoding="utf-8")
    manifest = home / package / "scumble.toml"
    manifest.parent.mkdir()
    text = MANIFEST.read_text(encoding="utf-8").replace("scumble_glow", package)
    text = text.replace("org.example.glow", f"org.example.glow{number}").replace('id = "glow"', f'id = "glow{number}"')
    manifest.write_text(text, encoding="utf-8")
    return manifest


def _median(call: Callable[[], object]) -> float:
    (times,) = timed(call, rounds=ROUNDS)
    return statistics.median(times)
