"""Pillow, held to our own manners."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from PIL import Image

_FILTERS: Final = threading.RLock()
"""The list of warning filters belongs to the whole process, so one thread at a time may change it."""


@contextmanager
def quiet() -> Iterator[None]:
    """Keeps Pillow's warnings from the caller, and its own limit of pixels out of the way: `Limits` is the budget."""
    with _FILTERS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        Image.MAX_IMAGE_PIXELS = None
        yield
