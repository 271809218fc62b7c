"""The text encoder's second task: to name what the caption says, so that words bind to things early."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional
from world import Scene

NAMES: Final = ("style", "subject", "colour", "second", "light", "background", "extra")
ABSENT: Final = ""


def attributes(scene: Scene, text: str) -> dict[str, str]:
    """The attributes of a scene that its caption tells; the others are `ABSENT`."""
    extra = scene.extras[0].noun if scene.extras else ABSENT
    told = {"style": scene.style, "subject": scene.subject.noun, "light": scene.shown_light, "extra": extra}
    for name, value in (
        ("colour", scene.subject.colour),
        ("second", scene.subject.second),
        ("background", scene.background if "background" in text else ABSENT),
    ):
        told[name] = value if value in text else ABSENT
    return told


class Vocabulary:
    """The values of each attribute, numbered."""

    def __init__(self, found: list[dict[str, str]]) -> None:
        self.values = {name: sorted({each[name] for each in found}) for name in NAMES}
        self._places = {name: {v: i for i, v in enumerate(values)} for name, values in self.values.items()}

    def encode(self, found: list[dict[str, str]]) -> Tensor:
        """`(len(found), len(NAMES))`; a value that was never seen counts as the first."""
        rows = [[self._places[name].get(each[name], 0) for name in NAMES] for each in found]
        return torch.tensor(rows, dtype=torch.int64)


class AttributeHeads(nn.Module):
    """A linear layer for each attribute upon the text encoder's last state at the last place, where it has read all."""

    def __init__(self, width: int, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.heads = nn.ModuleDict({name: nn.Linear(width, len(vocabulary.values[name])) for name in NAMES})

    def forward(self, states: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """States `(batch, length, width)` and numbers → mean cross-entropy, and the share named rightly."""
        last = states[:, -1].float()
        losses, right = [], []
        for place, name in enumerate(NAMES):
            scores = self.heads[name](last)
            losses.append(functional.cross_entropy(scores, targets[:, place]))
            right.append((scores.argmax(dim=1) == targets[:, place]).float().mean())
        return torch.stack(losses).mean(), torch.stack(right).mean()
