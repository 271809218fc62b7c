"""LoRA files: small changes to a model's weights, as low-rank pairs. What a file is, from its header alone.

Two layouts are read: that of diffusers and peft (`unet.….to_q.lora_A.weight`, `….lora.down.weight`), and that of the
kohya trainer (`lora_unet_…_to_q.lora_down.weight`, with `.alpha` beside it).
"""

from __future__ import annotations

import difflib
import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from scumble.api import ScumbleError
from scumble.engine.models.files import TensorEntry, read_header, read_metadata, read_stamp
from scumble.engine.models.folder import FAMILIES

MAX_WORDS: Final = 16
"""Trigger words that are kept of a file; some list every tag of ten thousand pictures."""

MAX_TITLE: Final = 200

OTHERS: Final = re.compile(r"\.(?:hada_|lokr_|dora_scale|lora_magnitude_vector|lora_mid|oft_|diff|w_norm)")
"""Changes of other kinds than plain pairs, by what their tensors are called."""

_UNET = re.compile(r"^(?:lora_unet_|unet\.|base_model\.model\.(?:unet\.)?)")
_TEXT = re.compile(r"^(?:lora_te1?_|text_encoder\.)")
_TEXT_2 = re.compile(r"^(?:lora_te2_|text_encoder_2\.)")
_SIDE = re.compile(r"[._]lora(?:_linear_layer)?[._](A|B|down|up)(?:\.default)?\.weight$")
_ALPHA = ".alpha"
_ORIGINAL = re.compile(r"^(input|middle|output)_blocks?_(\d+)(?:_(\d))?_(.*)$")
_RESNET: Final = {
    "in_layers_2": "conv1",
    "out_layers_3": "conv2",
    "emb_layers_1": "time_emb_proj",
    "skip_connection": "conv_shortcut",
}


@dataclass(frozen=True, slots=True)
class LoraFile:
    """A LoRA on disk. `name` is what a prompt calls it, `family` as of the models that it was made for (`unknown`
    where the header does not tell), `words` bring out what it was trained on. `stamp` changes with the file."""

    name: str
    path: Path
    title: str
    family: str
    words: tuple[str, ...]
    stamp: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Slot:
    """What a tensor's name says: the network, its layer with `_` for every dot, and `down`, `up` or `alpha`."""

    network: str
    layer: str
    side: str


def read_lora(path: Path) -> LoraFile | None:
    """Recognises a file; None where it holds no LoRA. Raises `ValueError` for a damaged header, or `OSError`."""
    header = read_header(path)
    if not any(_SIDE.search(name) or OTHERS.search(name) for name in header):
        return None
    metadata = read_metadata(path)
    title = metadata.get("modelspec.title", "").strip()[:MAX_TITLE]
    return LoraFile(
        name=path.stem,
        path=path,
        title=title or path.stem.replace("_", " ").strip(),
        family=_family(header),
        words=trigger_words(metadata),
        stamp=read_stamp(path),
    )


def find_lora(name: str, known: Mapping[str, LoraFile], faults: Mapping[str, str], folder: Path) -> LoraFile:
    """The LoRA that a prompt names, whatever the case. Raises `ScumbleError` (`lora-missing`, `lora-broken`)."""
    wanted = name.casefold()
    found = known.get(name) or next((lora for key, lora in known.items() if key.casefold() == wanted), None)
    if found is not None:
        return found
    if name in faults:
        raise ScumbleError("lora-broken", lora=name, reason=faults[name])
    folded = {key.casefold(): key for key in known}
    near = [f"“{folded[key]}”" for key in difflib.get_close_matches(wanted, folded, n=3)]
    if near:
        raise ScumbleError("lora-missing-near", lora=name, near=", ".join(near), folder=folder)
    raise ScumbleError("lora-missing", lora=name, folder=folder)


def slot(name: str) -> Slot | None:
    """A tensor's name → what it says; None where it belongs to another kind of network or is no part of a pair."""
    starts = {"unet": _UNET, "text_encoder": _TEXT, "text_encoder_2": _TEXT_2}
    network, start = next(((key, found) for key, kind in starts.items() if (found := kind.match(name))), ("", None))
    side = _SIDE.search(name)
    if start is None or (side is None and not name.endswith(_ALPHA)):
        return None
    layer = name[start.end() : side.start() if side else -len(_ALPHA)]
    layer = layer.replace(".processor", "").replace(".", "_").removeprefix("text_model_")
    kind = {"A": "down", "B": "up"}.get(side[1], side[1]) if side else "alpha"
    return Slot(network, _of_diffusers(layer) if network == "unet" else layer, kind)


def _of_diffusers(layer: str) -> str:
    """A UNet's layer by its name in diffusers, where a file has that of latent diffusion, as those for SDXL do.

    In both, each level of the way down or up has two layers or three and then perhaps a change of size.
    """
    found = _ORIGINAL.match(layer)
    if found is None:
        return layer
    place, number, index, rest = found[1], int(found[2]), int(found[3] or 0), found[4]
    if place == "middle":
        return f"mid_block_attentions_0_{rest}" if number == 1 else f"mid_block_resnets_{number // 2}_{_resnet(rest)}"
    way, level, inner = ("down", *divmod(number - 1, 3)) if place == "input" else ("up", *divmod(number, 3))
    if rest.startswith(("op", "conv")):
        return f"{way}_blocks_{level}_{way}samplers_0_conv"
    kind = f"attentions_{inner}_{rest}" if index == 1 else f"resnets_{inner}_{_resnet(rest)}"
    return f"{way}_blocks_{level}_{kind}"


def _resnet(rest: str) -> str:
    return _RESNET.get(rest, rest)


def trigger_words(metadata: Mapping[str, str]) -> tuple[str, ...]:
    """The words by which a file's maker says it is called, then the tags of its training pictures, the commonest first.

    Source: the ModelSpec standard (`modelspec.trigger_phrase`), and kohya's trainer (`ss_tag_frequency`: a JSON object
    of folders, each with how often a tag occurs in it).
    """
    said = [word.strip() for word in metadata.get("modelspec.trigger_phrase", "").split(",")]
    counted: Counter[str] = Counter()
    for tags in _json(metadata.get("ss_tag_frequency", "")).values():
        if isinstance(tags, dict):
            counted.update({str(tag).strip(): count for tag, count in tags.items() if isinstance(count, int)})
    words = [word[:MAX_TITLE] for word in (*said, *(tag for tag, _ in counted.most_common(MAX_WORDS))) if word]
    return tuple(dict.fromkeys(words))[:MAX_WORDS]


class Alphas:
    """What a file that peft made says about the strength of its pairs, beside the tensors.

    Of its settings only numbers are read: peft's own reader would hand a stranger's to code that imports by name.
    """

    def __init__(self, metadata: Mapping[str, str]) -> None:
        self._said = _json(metadata.get("lora_adapter_metadata", ""))

    def get(self, network: str, layer: str, rank: int) -> float:
        """The alpha by which alpha ÷ rank is the strength of a pair; without a word about it the rank itself."""
        patterns = self._said.get(f"{network}.alpha_pattern")
        alpha = self._said.get(f"{network}.lora_alpha", rank)
        if isinstance(patterns, dict):
            flat = {
                str(key).strip("^$").replace(".", "_").removeprefix("text_model_"): value
                for key, value in patterns.items()
            }
            alpha = next((value for key, value in flat.items() if f"_{layer}".endswith(f"_{key}")), alpha)
        if not isinstance(alpha, int | float) or not math.isfinite(alpha):
            return float(rank)
        return alpha * math.sqrt(rank) if self._said.get(f"{network}.use_rslora") is True else float(alpha)


def _family(header: Mapping[str, TensorEntry]) -> str:
    """By the width of the text that the UNet attends to, or else that of the text encoder."""
    for network, layer in (("unet", "attn2_to_k"), ("text_encoder", "q_proj")):
        width = next(_widths(header, network, layer), 0)
        if width:
            return FAMILIES.get(width, "sdxl" if width == 2048 else "small")
    return "unknown"


def _widths(header: Mapping[str, TensorEntry], network: str, layer: str) -> Iterator[int]:
    for name, entry in header.items():
        said = slot(name)
        if (
            said
            and said.network == network
            and said.side == "down"
            and said.layer.endswith(layer)
            and len(entry.shape) > 1
        ):
            yield entry.shape[1]


def _json(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
