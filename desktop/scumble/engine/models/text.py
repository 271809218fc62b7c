"""From words to what the network attends to: one text encoder, the two of SDXL side by side, the three of SD 3,
or T5 with CLIP's summary, as Flux has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import torch

from scumble.engine.models.adapters import Loras
from scumble.engine.models.learnt import Lesson
from scumble.engine.models.loader import Components, TextStates
from scumble.engine.models.words import emphasise, tokenize

T5_TOKENS: Final = 256
FLUX_TOKENS: Final = 512
"""Tokens that T5 reads in SD 3, and in Flux."""


@dataclass(frozen=True, slots=True, eq=False)
class Conditioning:
    """What belongs to a prompt's states: the LoRAs that are on while they are used, and `pooled` (2, width) of SDXL
    and SD 3, negative and positive."""

    loras: Loras = ()
    pooled: torch.Tensor | None = None


def encode_text(parts: Components, lesson: Lesson, text: str, tokens: int, clip_skip: int) -> TextStates:
    """Every window of a text through each text encoder, of `tokens` tokens.

    `clip_skip` takes the states from as many layers below the usual one. That is the last, with its norm; in SDXL the
    last but one, without. `lesson` knows the learnt words. Raises `ScumbleError` where one of them does not fit.
    """
    first = _states(parts, "text_encoder", lesson, text, tokens, clip_skip)
    if parts.text_encoder_2 is None:
        return first if parts.text_encoder_3 is None else TextStates(_t5(parts, text, FLUX_TOKENS), first.pooled)
    second = _states(parts, "text_encoder_2", lesson, text, tokens, clip_skip)
    both = TextStates(torch.cat([first.windows, second.windows], dim=2), second.pooled)
    if first.pooled is None or second.pooled is None:
        return both
    return TextStates(_with_t5(parts, text, both.windows), torch.cat([first.pooled, second.pooled], dim=1))


@torch.no_grad()
def _with_t5(parts: Components, text: str, windows: torch.Tensor) -> torch.Tensor:
    """States of CLIP, filled up with zeros to the width of T5's, and those behind them; zeros where there is no T5
    (Esser et al., Scaling Rectified Flow Transformers, section 5.3.3)."""
    width = parts.unet.config.joint_attention_dim
    filled = torch.nn.functional.pad(windows, (0, width - windows.shape[2]))
    if parts.text_encoder_3 is None:
        return torch.cat([filled, filled.new_zeros((len(filled), T5_TOKENS, width))], dim=1)
    return torch.cat([filled, _t5(parts, text, T5_TOKENS)], dim=1)


def _t5(parts: Components, text: str, tokens: int) -> torch.Tensor:
    ids, weights, _ = tokenize(parts.tokenizer_3, text, tokens)
    states = parts.text_encoder_3(ids.to(parts.device))[0].to(parts.dtype)
    return emphasise(states, weights.to(parts.device))


def pooled(texts: Sequence[TextStates]) -> torch.Tensor | None:
    """(texts, width), or None where the model has no such thing."""
    rows = [text.pooled for text in texts if text.pooled is not None]
    return torch.cat(rows) if rows else None


def final_norm(text_encoder: Any) -> torch.nn.Module:
    """The layer that follows the last of a CLIP text encoder, wherever the version of transformers keeps it."""
    norm: torch.nn.Module = getattr(text_encoder, "text_model", text_encoder).final_layer_norm
    return norm


def _states(parts: Components, part: str, lesson: Lesson, text: str, tokens: int, clip_skip: int) -> TextStates:
    pair, encoder = parts.text_encoder_2 is not None, getattr(parts, part)
    tokenizer = parts.tokenizer_2 if part == "text_encoder_2" else parts.tokenizer
    ids, weights, real = tokenize(tokenizer, text, tokens, lesson.slots)
    mask = real.to(parts.device) if getattr(encoder.config, "use_attention_mask", False) else None
    with lesson.taught(part, encoder, ids):
        output = encoder(ids.to(parts.device), attention_mask=mask, output_hidden_states=pair or clip_skip > 0)
    states = output.last_hidden_state
    if pair or clip_skip > 0:
        depth = min(clip_skip + pair, len(output.hidden_states) - 1)
        states = output.hidden_states[-(depth + 1)]
        states = states if pair else final_norm(encoder)(states)
    summary = getattr(output, "text_embeds", None)
    if summary is None and parts.text_encoder_3 is not None:  # Flux takes it as it is
        summary = output.pooler_output
    summary = None if summary is None else summary[:1].to(parts.dtype)
    return TextStates(emphasise(states.to(parts.dtype), weights.to(parts.device)), summary)
