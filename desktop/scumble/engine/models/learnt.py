"""Learnt words (textual inversion): rows for the text encoder's table of tokens, that a prompt names as `<name>`.

Three layouts are read: one matrix under any name, as diffusers saves it; `emb_params`; and for SDXL a matrix for each
text encoder, `clip_l` and `clip_g`. Source: Gal et al., An Image is Worth One Word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from scumble.api import ScumbleError
from scumble.engine.models.files import read_header
from scumble.engine.models.words import Slots
from scumble.protocol import ModelEntry

MATRICES: Final = {"text_encoder": "clip_l", "text_encoder_2": "clip_g"}

ROWS: Final = "rows"
"""The parameter of an entry that says how many tokens a learnt word takes."""


def slots(learnt: Mapping[str, ModelEntry]) -> Slots:
    """The ids that stand for each learnt word: below 0, so that they are none of the tokenizer's."""
    ids, following = {}, -1
    for name in sorted(learnt):
        rows = int(learnt[name].params.get(ROWS, "1"))
        ids[name.casefold()] = tuple(range(following, following - rows, -1))
        following -= rows
    return ids


class Lesson:
    """What the learnt words of one library are to one model's text encoders; files are read when a prompt names them.

    `title` names the model in errors.
    """

    def __init__(self, learnt: Mapping[str, ModelEntry], title: str) -> None:
        self._learnt = {name.casefold(): learnt[name] for name in sorted(learnt)}
        self._title = title
        self.slots = slots(learnt)

    def named(self, text: str) -> tuple[tuple[str, tuple[int, int]], ...]:
        """The learnt words in a text, each with the stamp of its file."""
        folded = text.casefold()
        return tuple((name, entry.stamp) for name, entry in self._learnt.items() if f"<{name}>" in folded)

    @contextmanager
    def taught(self, part: str, encoder: Any, ids: torch.Tensor) -> Iterator[None]:
        """Inside the block that text encoder reads ids below 0 as the rows that were learnt.

        Raises `ScumbleError` (`embedding-broken`, `embedding-mismatch`).
        """
        wanted = {int(one) for one in ids[ids < 0]}
        if not wanted:
            yield
            return
        layer = encoder.get_input_embeddings()
        rows: dict[int, torch.Tensor] = {}
        for name, own in self.slots.items():
            if wanted.intersection(own):
                rows.update(zip(own, self._rows(self._learnt[name], part, layer.weight, len(own)), strict=True))
        seen: list[torch.Tensor] = []

        def look(_layer: Any, given: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
            seen[:] = given[:1]
            return given[0].clamp(min=0), *given[1:]

        def fill(_layer: Any, _given: Any, output: torch.Tensor) -> torch.Tensor:
            for number, row in rows.items():
                output[seen[0] == number] = row
            return output

        handles = (layer.register_forward_pre_hook(look), layer.register_forward_hook(fill))
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _rows(self, entry: ModelEntry, part: str, table: torch.Tensor, count: int) -> torch.Tensor:
        try:
            read_header(Path(entry.path))
            tensors = load_file(entry.path)
        except (ValueError, OSError, SafetensorError) as error:
            raise ScumbleError("embedding-broken", embedding=entry.name, reason=error) from error
        matrix = tensors.get(MATRICES[part])
        if matrix is None:
            matrix = next(iter(tensors.values())) if not set(MATRICES.values()) & tensors.keys() else None
        if matrix is None or matrix.shape[-1:] != table.shape[-1:] or not matrix.is_floating_point():
            raise ScumbleError("embedding-mismatch", embedding=entry.name, model=self._title)
        rows = matrix.reshape(-1, table.shape[-1])
        if len(rows) != count:
            reason = f"it has {len(rows)} rows for one text encoder, not {count}"
            raise ScumbleError("embedding-broken", embedding=entry.name, reason=reason)
        return rows.to(table)
