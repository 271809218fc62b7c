"""The programs in `packaging` are no packages: their folders go on the path here, as running them puts them there."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
for folder in ("upscaler", "starter_model"):
    sys.path.insert(0, str(ROOT / "packaging" / folder))


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def model_folder() -> Path:
    return ROOT / "resources" / "scumble_resources" / "starter_model"


@pytest.fixture(autouse=True)
def one_thread() -> None:
    import torch

    torch.set_num_threads(1)
