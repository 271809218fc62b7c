"""LoRAs in a loaded model: put beside its weights by peft, never into them, and switched on for one block of code.

peft's layers are made from pairs whose names and shapes have been checked here, with settings of our own; the readers
of diffusers and peft take settings from the file, and put in place what fits without a word about the rest.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from scumble.api import ScumbleError
from scumble.engine.models.files import read_header, read_metadata
from scumble.engine.models.lora import OTHERS, Alphas, LoraFile, slot

KEPT: Final = 4
"""LoRAs that stay beside a model when no job asks for them."""

Loras: TypeAlias = "tuple[tuple[LoraFile, float], ...]"
"""What is switched on together, each with its weight; 1 is the strength that it was trained at."""

Module = torch.nn.Module


class LoraMismatchError(ValueError):
    """The file is sound, but belongs to another kind of model."""


@dataclass(slots=True)
class Pair:
    """One layer's change: `up` @ `down` × `alpha` ÷ rank. `down` is (rank, in…), `up` (out, rank…)."""

    down: torch.Tensor
    up: torch.Tensor
    alpha: float

    @property
    def rank(self) -> int:
        """How many directions it has."""
        return len(self.down)


class LoraRack:
    """The LoRAs beside one loaded model. Outside `active` the networks compute what they would without any, bit for
    bit."""

    def __init__(self, networks: dict[str, Any], kind: torch.dtype) -> None:
        self._networks: dict[str, Module] = networks
        self._kind = kind
        self._adapters: OrderedDict[LoraFile, str] = OrderedDict()
        self._sizes: dict[LoraFile, int] = {}
        self._made = 0
        self._on: Loras = ()

    @property
    def size(self) -> int:
        """Bytes of all that are kept."""
        return sum(self._sizes.values())

    @contextmanager
    def active(self, chosen: Loras, model: str) -> Iterator[None]:
        """Inside the block these are on, and no others. `model` names the model in errors.

        Raises `ScumbleError` (`lora-broken`, `lora-mismatch`) and then leaves all as it was.
        """
        before = self._on
        for lora, _ in chosen:
            if lora not in self._adapters:
                self._load(lora, model)
            self._adapters.move_to_end(lora)
        self._trim({lora for lora, _ in (*before, *chosen)})
        self._switch(chosen)
        try:
            yield
        finally:
            self._switch(before)

    def _switch(self, chosen: Loras) -> None:
        if chosen == self._on:
            return
        from diffusers.utils.peft_utils import set_weights_and_activate_adapters

        names, weights = [self._adapters[lora] for lora, _ in chosen], [weight for _, weight in chosen]
        for network in self._networks.values():
            set_weights_and_activate_adapters(network, names, weights)
            network.requires_grad_(False)
        self._on = chosen

    def _load(self, lora: LoraFile, model: str) -> None:
        try:
            pairs = read_pairs(lora.path, self._networks)
        except LoraMismatchError as error:
            raise ScumbleError("lora-mismatch", lora=lora.name, model=model, reason=error) from error
        except (ValueError, OSError) as error:
            raise ScumbleError("lora-broken", lora=lora.name, reason=error) from error
        adapter = f"lora{self._made}"
        self._made += 1
        on = [self._adapters[kept] for kept, _ in self._on]
        done = False
        try:
            for name, changes in pairs.items():
                inject(self._networks[name], changes, adapter, self._kind)
            done = True
        finally:
            for name in pairs:
                _activate(self._networks[name], on)
            if not done:  # memory ran out
                self._remove(adapter)
        self._adapters[lora] = adapter
        self._sizes[lora] = sum(
            (pair.down.numel() + pair.up.numel()) * self._kind.itemsize
            for changes in pairs.values()
            for pair in changes.values()
        )

    def _trim(self, needed: set[LoraFile]) -> None:
        """Lets the least recently used go, down to as many as are kept."""
        for lora in [lora for lora in self._adapters if lora not in needed]:
            if len(self._adapters) <= KEPT:
                return
            self._remove(self._adapters.pop(lora))
            del self._sizes[lora]

    def _remove(self, adapter: str) -> None:
        from diffusers.utils.peft_utils import delete_adapter_layers

        for network in self._networks.values():
            delete_adapter_layers(network, adapter)


def read_pairs(path: Path, networks: dict[str, Module]) -> dict[str, dict[str, Pair]]:
    """A file's pairs by network and layer, each with a layer there that it fits.

    Raises `LoraMismatchError`, `ValueError` with a plain reason for a damaged file, or `OSError`.
    """
    if any(OTHERS.search(name) for name in read_header(path)):
        raise ValueError("it is no plain LoRA but of a kind (such as LoHa, LoKr or DoRA) that Scumble does not know")
    try:
        tensors = load_file(path)
    except SafetensorError as error:
        raise ValueError(f"{path.name} is damaged") from error
    halves: dict[tuple[str, str], dict[str, torch.Tensor]] = {}
    for name, tensor in tensors.items():
        said = slot(name)
        if said is None:
            raise LoraMismatchError(f"it holds “{name}”, which belongs to no part of it")
        halves.setdefault((said.network, said.layer), {})[said.side] = tensor
    layers = {name: _layers(network) for name, network in networks.items()}
    alphas = Alphas(read_metadata(path))
    pairs: dict[str, dict[str, Pair]] = {}
    for (network, layer), parts in halves.items():
        if network not in layers:
            raise LoraMismatchError("it changes a second text encoder, which this model does not have")
        name, target = _target(layers[network], layer)
        pairs.setdefault(network, {})[name] = _fitted(target, layer, _pair(network, layer, parts, alphas))
    return pairs


def inject(network: Module, changes: dict[str, Pair], adapter: str, kind: torch.dtype) -> None:
    """Puts pairs beside the layers of those names, under an adapter's name, and leaves that adapter on."""
    from peft import LoraConfig, inject_adapter_in_model, set_peft_model_state_dict

    rank = Counter(pair.rank for pair in changes.values()).most_common(1)[0][0]
    alpha = Counter(pair.alpha for pair in changes.values()).most_common(1)[0][0]
    config = LoraConfig(
        r=rank,
        lora_alpha=alpha,
        target_modules=list(changes),
        rank_pattern={f"^{name}": pair.rank for name, pair in changes.items() if pair.rank != rank},
        alpha_pattern={f"^{name}": pair.alpha for name, pair in changes.items() if pair.alpha != alpha},
        inference_mode=True,
    )
    state = {}
    for name, pair in changes.items():
        state[f"{name}.lora_A.weight"] = pair.down.to(kind, copy=True)  # not a view of the file, which may be replaced
        state[f"{name}.lora_B.weight"] = pair.up.to(kind, copy=True)
    try:
        inject_adapter_in_model(config, network, adapter_name=adapter, state_dict=state, low_cpu_mem_usage=True)
        set_peft_model_state_dict(network, state, adapter_name=adapter, low_cpu_mem_usage=True)
    finally:
        vars(network).pop("peft_config", None)  # with it there, peft warns of a second adapter
    network.to(next(network.parameters()).device).requires_grad_(False)


def _activate(network: Module, adapters: list[str]) -> None:
    from peft.tuners.tuners_utils import BaseTunerLayer

    for module in network.modules():
        if isinstance(module, BaseTunerLayer):
            module.set_adapter(adapters, inference_mode=True)


def _layers(network: Module) -> dict[str, tuple[str, Module]]:
    """The layers that can be changed: name with `_` for every dot → the name, and the layer itself below peft's."""
    found: dict[str, tuple[str, Module]] = {}
    for name, module in network.named_modules():
        base = getattr(module, "base_layer", module)
        if isinstance(base, torch.nn.Linear | torch.nn.Conv2d):
            found[name.replace(".", "_").removeprefix("text_model_")] = name, base
    return found


def _target(layers: dict[str, tuple[str, Module]], layer: str) -> tuple[str, Module]:
    """The layer of that name; older files leave the number of an attention's last layer out."""
    found = layers.get(layer) or layers.get(f"{layer}_0")
    if found is None:
        raise LoraMismatchError(f"it changes “{layer}”, which this model does not have")
    return found


def _pair(network: str, layer: str, parts: dict[str, torch.Tensor], alphas: Alphas) -> Pair:
    if "down" not in parts or "up" not in parts:
        raise ValueError(f"half of “{layer}” is missing")
    down, up = parts["down"], parts["up"]
    if not (down.is_floating_point() and up.is_floating_point()) or down.ndim < 2 or not len(down):
        raise ValueError(f"“{layer}” makes no sense")
    alpha = parts.get("alpha")
    if alpha is not None and (alpha.numel() != 1 or not alpha.isfinite().all()):
        raise ValueError(f"“{layer}” makes no sense")
    return Pair(down, up, float(alpha) if alpha is not None else alphas.get(network, layer, len(down)))


def _fitted(target: Module, layer: str, pair: Pair) -> Pair:
    """The pair in the shapes that peft has for that layer; 1 × 1 convolutions are stored as matrices by some."""
    weight: torch.Tensor = target.weight  # type: ignore[assignment]
    rank, flat = pair.rank, weight.ndim == 2
    down, up = (rank, *weight.shape[1:]), (len(weight), rank, *(() if flat else (1, 1)))
    try:
        if pair.down.shape[:2] != down[:2] or pair.up.shape[:2] != up[:2]:
            raise RuntimeError
        return Pair(pair.down.reshape(down), pair.up.reshape(up), pair.alpha)
    except RuntimeError as error:
        theirs = f"{list(pair.down.shape)} and {list(pair.up.shape)}"
        raise LoraMismatchError(f"its “{layer}” has the shapes {theirs}, not {list(down)} and {list(up)}") from error
