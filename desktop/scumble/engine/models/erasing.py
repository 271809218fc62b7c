"""Erase models in use: the network that a file holds, on a device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from scumble.api import Mask, Picture
from scumble.engine.models.eraser import EraserFile
from scumble.engine.models.files import read_header
from scumble.engine.models.lama import Lama, LamaEraser
from scumble.engine.models.mat import Mat, MatEraser


class Eraser(Protocol):
    """What fills a hole without a prompt."""

    def erase(self, picture: Picture, mask: Mask, check_cancelled: Callable[[], None]) -> Picture:
        """A picture `(h, w, 3)` of any size, filled where the mask is above 0; the rest is as it was. Raises
        `ValueError` where the weights are not what they seemed, and `Cancelled`."""
        ...


def load_eraser(file: EraserFile, device: str) -> Eraser:
    """Reads a file. Raises `ValueError` with a plain reason, or `OSError`."""
    if file.family == "mat":
        _check_mat(file)
        return MatEraser(Mat(_read(file, device)), torch.device(device))
    return LamaEraser(Lama(_read(file, device)), torch.device(device))


def _check_mat(file: EraserFile) -> None:
    """Sends shapes alone through the network, so that memory is spent only on what fits together."""
    shapes = {
        name.removeprefix(file.prefix): torch.empty(entry.shape, device="meta")
        for name, entry in read_header(file.path).items()
        if name.startswith(file.prefix)
    }
    network = Mat(shapes)
    picture = torch.empty((1, 3, network.side, network.side), device="meta")
    network(picture, picture[:, :1], lambda: None)


def _read(file: EraserFile, device: str) -> dict[str, torch.Tensor]:
    try:
        found = load_file(file.path, device)
    except SafetensorError as error:
        raise ValueError("it is damaged") from error
    return {
        name.removeprefix(file.prefix): tensor.to(torch.float32, copy=True)  # of its own: the file may be replaced
        for name, tensor in found.items()
        if name.startswith(file.prefix)
    }
