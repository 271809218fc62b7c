"""The bundled plugins, called as the engine calls them, but in this process: real models, no window."""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from scumble.api import Cancelled, FileKind, Model, Picture, ToolJob
from scumble.engine.models import ModelLibrary


@dataclass
class Context:
    """A whole `JobContext`. With `cancel_at`, a person presses Cancel when that many steps have been reported."""

    library: ModelLibrary
    model_id: str
    tmp_dir: Path
    cancel_at: int | None = None
    device: str = "cpu"
    dtype: str = "float32"
    log: logging.Logger = field(default_factory=lambda: logging.getLogger("tool"))
    steps: list[tuple[int, int, Picture | None]] = field(default_factory=list)

    @property
    def model(self) -> Model:
        return self.library.load(self.model_id, self.device, self.dtype, self.check_cancelled)

    @property
    def eraser(self) -> str:
        return next(iter(self.library.erasers), "")

    def erase(self, picture: Picture, mask: np.ndarray) -> Picture:
        return self.library.erase(picture, mask, self.device, self.check_cancelled)

    def find_file(self, kind: FileKind, name: str) -> Path:
        return self.library.find_file(kind, name)

    def progress(self, step: int, steps: int, preview: Picture | None = None) -> None:
        self.steps.append((step, steps, preview))
        self.check_cancelled()

    def check_cancelled(self) -> None:
        if self.cancel_at is not None and len(self.steps) >= self.cancel_at:
            raise Cancelled

    def rng(self, seed: int) -> np.random.Generator:
        return np.random.default_rng(seed)

    def metric(self, name: str, step: int, value: float) -> None:
        pass


@pytest.fixture(scope="session")
def library():
    return ModelLibrary()


@pytest.fixture
def make_context(library, tmp_path):
    def make(cancel_at=None):
        return Context(library, library.infos()[0].id, tmp_path, cancel_at)

    return make


@pytest.fixture
def make_job():
    """A job with the manifest's defaults, seed 1, and what is given."""
    import importlib.resources

    import msgspec

    from scumble.api import Manifest

    def make(package, inputs=None, size=(128, 128), tool="", **params):
        text = importlib.resources.files(package).joinpath("scumble.toml").read_bytes()
        manifest = msgspec.toml.decode(text, type=Manifest)
        found = next(each for each in manifest.tools if tool in ("", each.id))
        values = {name: param.default for name, param in found.params.items()}
        if "seed" in values:
            values["seed"] = 1
        unknown = set(params) - set(values)
        assert not unknown
        return ToolJob(uuid.uuid4().hex, manifest.plugin.id, found.id, values | params, inputs or {}, size)

    return make


@pytest.fixture
def drawn():
    return draw_contents()


@pytest.fixture
def styles():
    return draw_styles()


def draw_contents(side: int = 128) -> list[Picture]:
    """Three plain drawings with clear edges."""
    from PIL import Image, ImageDraw

    def house(pen):
        pen.rectangle((0, 0, side, 80), "#9cc4e4")
        pen.rectangle((0, 80, side, side), "#5d8a3c")
        pen.rectangle((36, 48, 92, 104), "#c8553d")
        pen.polygon([(28, 48), (64, 18), (100, 48)], "#4a2c2a")
        pen.rectangle((56, 72, 72, 104), "#f2e8cf")

    def fruit(pen):
        pen.rectangle((0, 0, side, 84), "#f3e9d2")
        pen.rectangle((0, 84, side, side), "#8d6a4f")
        pen.ellipse((20, 44, 72, 96), "#d1495b")
        pen.ellipse((60, 52, 108, 100), "#edae49")

    def hills(pen):
        pen.rectangle((0, 0, side, side), "#f6c28b")
        pen.ellipse((80, 12, 108, 40), "#fff3c4")
        pen.polygon([(0, 90), (40, 40), (84, 96), (0, 128)], "#5c4d7d")
        pen.polygon([(44, 112), (96, 56), (128, 88), (128, 128), (40, 128)], "#2e294e")

    pictures = []
    for draw in (house, fruit, hills):
        image = Image.new("RGB", (side, side))
        draw(ImageDraw.Draw(image))
        pictures.append(np.asarray(image).copy())
    return pictures


def draw_styles(side: int = 160) -> list[Picture]:
    """Two pictures that could hardly be less alike: cold dark stripes, warm bright dots."""
    from PIL import Image, ImageDraw

    cold = Image.new("RGB", (side, side), "#10243e")
    pen = ImageDraw.Draw(cold)
    for x in range(-side, side, 12):
        pen.line((x, 0, x + side, side), "#2f6690" if x % 24 else "#3a7ca5", 5)
    warm = Image.new("RGB", (side, side), "#f7d08a")
    pen = ImageDraw.Draw(warm)
    for y in range(0, side, 16):
        for x in range(0, side, 16):
            pen.ellipse((x + 2, y + 2, x + 12, y + 12), ("#e94f37", "#f79256", "#fbd1a2")[(x * 3 + y) // 16 % 3])
    return [np.asarray(cold).copy(), np.asarray(warm).copy()]
