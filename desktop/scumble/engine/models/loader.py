"""Putting a model together: classes from diffusers and transformers, weights straight from safetensors files.

The libraries' own `from_pretrained` is not used: it reads config.json unfiltered and may ask a hub. A model is made
without memory from a filtered config, and the mapped tensors are put in place after names and shapes agree.
"""

from __future__ import annotations

import inspect
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

import torch

from scumble.engine.backends.openvino import Accelerator
from scumble.engine.models.adapters import LoraRack, Loras
from scumble.engine.models.checkpoint import ModelFile
from scumble.engine.models.folder import JOINT, ModelFolder, is_flux
from scumble.engine.models.keeping import WeightKeeper
from scumble.engine.models.quick import QuickDecoder
from scumble.engine.models.residence import PROCESSOR, Residence
from scumble.engine.models.tensors import read_tensors

Module = torch.nn.Module


TextKey: TypeAlias = "tuple[str, int, Loras, tuple[tuple[str, tuple[int, int]], ...]]"
"""A text, how many layers are skipped, the LoRAs, and the learnt words in it, each with its file's stamp."""


@dataclass(frozen=True, slots=True, eq=False)
class TextStates:
    """A text: `windows` (windows, tokens, width), and for SDXL `pooled` (1, width), the first window in short."""

    windows: torch.Tensor
    pooled: torch.Tensor | None = None


@dataclass(eq=False)
class Components:
    """A loaded model's parts. `size` is their bytes; `preview` caches the matrix that makes previews,
    `texts` the states of prompts by text, skipped layers and LoRAs; `loras` are those beside it, `residence` knows
    which networks are where they compute, `fast` computes the UNet's full steps where something does so faster. SDXL
    and SD 3 have a second text encoder with its tokenizer; the third is T5, which SD 3 may have and Flux has beside the
    first. `unet` may be a transformer that is called as one. `attention` is how the UNet's is computed, as
    `sampling.attending` has it."""

    unet: Any
    vae: Any
    text_encoder: Any
    tokenizer: Any
    scheduler: Mapping[str, Any]
    device: torch.device
    dtype: torch.dtype
    size: int
    residence: Residence
    text_encoder_2: Any = None
    tokenizer_2: Any = None
    text_encoder_3: Any = None
    tokenizer_3: Any = None
    preview: torch.Tensor | None = field(default=None)
    fast: Accelerator | None = None
    quick: QuickDecoder | None = None
    quick_path: Path | None = None
    attention: str = "fused"
    texts: OrderedDict[TextKey, TextStates] = field(default_factory=OrderedDict)
    loras: LoraRack = field(init=False)

    def __post_init__(self) -> None:
        networks = {"unet": self.unet, "text_encoder": self.text_encoder, "text_encoder_2": self.text_encoder_2}
        self.loras = LoraRack({name: network for name, network in networks.items() if network is not None}, self.dtype)


def load_components(
    source: ModelFolder | ModelFile,
    device: str,
    dtype: str,
    check_cancelled: Callable[[], None],
    vae: Path | None = None,
    keeper: WeightKeeper | None = None,
    sha256: str = "",
    *,
    aside: bool = False,
) -> Components:
    """Loads all parts of a model, with the autoencoder in the file `vae` if there is one. With `aside` they wait in
    main memory until they are used.

    Weights that had to be converted are given to the `keeper` under the model's hash; next time they come from there.
    Raises `ValueError` with a plain reason, or what `check_cancelled` raises.
    """
    quiet_libraries()
    target, kind = torch.device(device), getattr(torch, dtype)
    # what is computed with in full lies in the model's own files as it is used, nearly
    keeper = keeper if kind != torch.float32 and sha256 else None
    key = f"{sha256}-{dtype}"

    def stored() -> Callable[[str], dict[str, torch.Tensor]]:
        kept, own = keeper.cache.read(key) if keeper is not None else None, read_tensors(source, vae)
        return lambda name: kept[name] if kept and name in kept and (vae is None or name != "vae") else own(name)

    def make(name: str, tensors: dict[str, torch.Tensor]) -> Any:
        config = source.configs[name]
        filled = _fill(_empty(name, source.configs), name, tensors)
        return _careful(arranged(filled, PROCESSOR if aside else target, _kind_of(name, config, kind)))

    tensors_of = stored()
    parts: dict[str, Any] = {}
    for name in makers(source.configs):
        check_cancelled()
        try:
            parts[name] = make(name, tensors_of(name))
        except ValueError as error:
            replaced = name == "vae" and vae is not None
            raise ValueError(f"the autoencoder does not fit ({error})" if replaced else str(error)) from error
    check_cancelled()
    if keeper is not None and vae is None and not aside:  # what waits to be written is held in memory
        keeper.put(key, {name: part.state_dict() for name, part in parts.items()})
    made = _components(source, parts, target, kind, lambda name: make(name, stored()(name)).state_dict())
    if aside:
        made.residence.bring((), alone=True)
    return made


def _empty(name: str, configs: Mapping[str, Any]) -> Module:
    """A component without weights. Raises `ValueError` where its config makes none."""
    try:
        with torch.device("meta"):
            made: Module = makers(configs)[name](configs[name])
    except (TypeError, KeyError, AttributeError, NotImplementedError, AssertionError) as error:
        raise ValueError(f"the settings of its {name} make no sense ({error})") from error
    return made


def _components(
    source: ModelFolder | ModelFile,
    parts: dict[str, Any],
    device: torch.device,
    dtype: torch.dtype,
    fetch: Callable[[str], Mapping[str, torch.Tensor]],
) -> Components:
    """Loaded networks with all else that a model is made of; `fetch` reads those of one network again."""
    size = sum(value.nbytes for part in parts.values() for value in part.state_dict().values())
    flux = "text_encoder_2" in parts and not hasattr(parts["text_encoder_2"], "text_projection")
    stored_as = {name: name for name in parts} | ({"unet": JOINT} if JOINT in parts else {})
    if flux:
        stored_as["text_encoder_3"] = stored_as.pop("text_encoder_2")
    networks = {name: parts[stored] for name, stored in stored_as.items() if name != JOINT}
    t5 = source.path / ("tokenizer_2" if flux else "tokenizer_3")
    return Components(
        **networks,
        tokenizer=load_tokenizer(source),
        tokenizer_2=load_tokenizer(source, second=True) if "text_encoder_2" in networks else None,
        tokenizer_3=load_t5_tokenizer(t5) if "text_encoder_3" in networks else None,
        scheduler=source.configs["scheduler"],
        device=device,
        dtype=dtype,
        size=size,
        residence=Residence(networks, device, lambda name: fetch(stored_as[name])),
    )


def arranged(network: Module, device: torch.device, kind: torch.dtype) -> Any:
    """A network ready for use. In half precision its weights lie channels last: a tenth quicker, but slower in full."""
    network = network.to(device, kind).eval().requires_grad_(False)
    if kind != torch.float32:
        network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # the stubs forget it
    return network


def load_tokenizer(source: ModelFolder | ModelFile, *, second: bool = False) -> Any:
    """CLIP's tokenizer from the model's own files, or ours; `second` is that of SDXL's second text encoder.

    Raises `ValueError` where they are damaged.
    """
    from transformers import CLIPTokenizer

    quiet_libraries()
    try:
        folder = source.tokenizer_2 if second else source.tokenizer
        tokenizer = CLIPTokenizer.from_pretrained(str(folder), local_files_only=True)
    except Exception as error:  # the Rust reader raises bare Exception for a damaged file
        raise ValueError("its tokenizer is damaged") from error
    tokenizer.model_max_length = source.info.tokens
    if source.padding:
        tokenizer.pad_token = "!" if second else source.padding
    return tokenizer


def load_t5_tokenizer(folder: Path) -> Any:
    """T5's tokenizer from its folder. Raises `ValueError` where it is damaged."""
    from transformers import T5Tokenizer

    try:
        return T5Tokenizer.from_pretrained(str(folder), local_files_only=True)
    except Exception as error:  # the Rust reader raises bare Exception for a damaged file
        raise ValueError(f"its {folder.name} is damaged") from error


def quiet_libraries() -> None:
    """Keeps the libraries' chatter (missing torchvision, progress bars) out of the engine's log."""
    import diffusers.utils.logging as diffusers_logging
    import transformers.utils.logging as transformers_logging

    diffusers_logging.set_verbosity_error()
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    logging.getLogger("httpx").setLevel(logging.ERROR)


def _unet(config: Mapping[str, Any]) -> Any:
    from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

    return UNet2DConditionModel(**_accepted(UNet2DConditionModel, config))


def _transformer(config: Mapping[str, Any]) -> Any:
    from scumble.engine.models.joint import FluxNetwork, SD3Network

    network = FluxNetwork if is_flux(config) else SD3Network
    return network(**_accepted(network.__mro__[1], config))


def _vae(config: Mapping[str, Any]) -> Any:
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

    return AutoencoderKL(**_accepted(AutoencoderKL, config))


def _text_encoder(config: Mapping[str, Any]) -> Any:
    from transformers import CLIPTextConfig, CLIPTextModel

    return CLIPTextModel(CLIPTextConfig(**_accepted(CLIPTextConfig, config)))


def _text_encoder_2(config: Mapping[str, Any]) -> Any:
    from transformers import CLIPTextConfig, CLIPTextModelWithProjection

    return CLIPTextModelWithProjection(CLIPTextConfig(**_accepted(CLIPTextConfig, config)))


def _text_encoder_3(config: Mapping[str, Any]) -> Any:
    from transformers import T5Config, T5EncoderModel

    return T5EncoderModel(T5Config(**_accepted(T5Config, config)))


Maker: TypeAlias = Callable[[Mapping[str, Any]], Any]

MAKERS: Final[Mapping[str, Maker]] = {
    "unet": _unet,
    JOINT: _transformer,
    "vae": _vae,
    "text_encoder": _text_encoder,
    "text_encoder_2": _text_encoder_2,
    "text_encoder_3": _text_encoder_3,
}
"""How each component is made, without weights, from its config."""


def makers(configs: Mapping[str, Any]) -> Mapping[str, Maker]:
    """Those of a model's components. In SD 3 the first text encoder sums the text up, too; in Flux the second is T5."""
    chosen = dict(MAKERS)
    if JOINT in configs:
        other = {"text_encoder_2": _text_encoder_3} if is_flux(configs[JOINT]) else {"text_encoder": _text_encoder_2}
        chosen |= other
    return {name: make for name, make in chosen.items() if name in configs}


def _kind_of(name: str, config: Mapping[str, Any], kind: torch.dtype) -> torch.dtype:
    """What a component computes in. The autoencoder of SDXL overflows in half floats, as its config says."""
    careful = name == "vae" and config.get("force_upcast", False) and kind == torch.float16
    return torch.float32 if careful else kind


def _careful(network: Any) -> Any:
    """A network of which those layers are in full that overflow in half floats, as its authors name them."""
    if network.dtype == torch.float16:
        named = getattr(network, "_keep_in_fp32_modules", None) or ()
        for name, layer in network.named_modules():
            if name.rpartition(".")[2] in named:
                layer.float()
    return network


def _accepted(make: type, config: Mapping[str, Any]) -> dict[str, Any]:
    known = inspect.signature(make).parameters
    return {key: value for key, value in config.items() if key in known}


def _fill(model: Module, name: str, tensors: dict[str, torch.Tensor]) -> Module:
    """Puts tensors into a model on the meta device, once their names and shapes agree with it."""
    if hasattr(model, "shared"):  # T5
        tensors = _t5_keys(tensors)
    elif name == "text_encoder" and not hasattr(model, "text_projection"):
        tensors = _clip_keys(tensors)
    elif name in ("text_encoder", "text_encoder_2"):
        named = _clip_keys(tensors)
        tensors = {key if key.startswith("text_projection") else f"text_model.{key}": named[key] for key in named}
    else:
        model._fix_state_dict_keys_on_load(tensors)  # type: ignore[operator]  # attention layers had other names once
    _check(name, model.state_dict(), tensors)
    model.load_state_dict(tensors, strict=False, assign=True)
    for owner in model.modules():
        if (ids := getattr(owner, "position_ids", None)) is not None:
            owner.position_ids = torch.arange(ids.shape[-1])[None]
    return model


def _check(name: str, wanted: Mapping[str, torch.Tensor], given: Mapping[str, torch.Tensor]) -> None:
    for key, tensor in wanted.items():
        if key not in given:
            raise ValueError(f"its {name} has no “{key}”")
        if given[key].shape != tensor.shape:
            shapes = f"{list(given[key].shape)}, not {list(tensor.shape)}"
            raise ValueError(f"“{key}” of its {name} has the shape {shapes}")
        if tensor.is_floating_point() and not given[key].is_floating_point():
            kind = str(given[key].dtype).removeprefix("torch.")
            raise ValueError(f"“{key}” of its {name} is of the type {kind}, in which Scumble cannot compute")


def _clip_keys(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Older files have every name below `text_model.`, and store positions that are only counted up."""
    named = {key.removeprefix("text_model."): value for key, value in tensors.items()}
    return {key: value for key, value in named.items() if not key.endswith("position_ids")}


def _t5_keys(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The embedding of the words has two names, of which a file may know one."""
    names = ("shared.weight", "encoder.embed_tokens.weight")
    words = next((tensors[name] for name in names if name in tensors), None)
    return {**tensors, **({} if words is None else dict.fromkeys(names, words))}
