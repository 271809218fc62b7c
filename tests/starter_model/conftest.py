"""The programs in `packaging` are no packages: their folders go on the path here, as running them puts them there."""

import sys
from collections.abc import Iterator
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


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Sums are the same in every run only where they are made in one order; and small work is quicker so."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
