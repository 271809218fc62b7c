"""A step, a run and a decoded picture at true size against diffusers as it comes, on random weights of SD 1's shape.

A step with the attention that was chosen here against one with the other. Where OpenVINO is installed, a full step by
it, too."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from measuring import row

SIDE = 64
"""Of the latent: pictures of 512 pixels."""

STEPS, FULL_EVERY = 20, 3


def run() -> list[dict[str, Any]]:
    """Rows of ratios to stock diffusers (single precision, every step in full), each the best of two."""
    import torch

    from scumble.engine.devices import choose_device
    from scumble.engine.measure import settled

    device = settled(choose_device("cpu"), None)
    kind, way = getattr(torch, device.large_dtype), device.large_attention
    stock_step, _, stock_decode = measure(torch.float32, every=1)
    ours_step, ours_cached, ours_decode = measure(kind, every=FULL_EVERY, way=way)
    full = -(-STEPS // FULL_EVERY)
    balanced = (full * ours_step + (STEPS - full) * ours_cached) / (STEPS * stock_step)
    peer = "diffusers, float32"
    return [
        share("models.step_512", ours_step / stock_step, 1 / 1.9, ours_step, peer),
        share("models.balanced_20_steps_512", balanced, 1 / 4, ours_cached, peer),
        share("models.decode_512", ours_decode / stock_decode, 1 / 2, ours_decode, peer),
        attention_row(kind, way),
        *openvino_rows(kind, stock_step),
    ]


def attention_row(kind: Any, chosen: str) -> dict[str, Any]:
    """A full step with the attention that is chosen on this machine; the other is the peer."""
    import torch
    from diffusers import UNet2DConditionModel

    from scumble.engine.models.loader import arranged
    from scumble.engine.models.presets import SD1
    from scumble.engine.sampling.attending import WAYS, attending

    times: dict[str, list[float]] = {way: [] for way in WAYS}
    with torch.no_grad():
        unet = arranged(UNet2DConditionModel(**SD1.unet), torch.device("cpu"), kind)
        latent, text = torch.randn((2, 4, SIDE, SIDE), dtype=kind), torch.randn((2, 77, 768), dtype=kind)
        step = partial(unet, latent, torch.tensor(500), encoder_hidden_states=text, return_dict=False)
        for _ in range(3):
            for way, taken in times.items():
                with attending(unet, way):
                    taken.append(seconds(step))
    best = {way: min(taken) for way, taken in times.items()}
    (other,) = best.keys() - {chosen}
    gc.collect()
    return share("models.attention_512", best[chosen] / best[other], 1.1, best[chosen], f"{other} instead of {chosen}")


def openvino_rows(kind: Any, stock_step: float) -> list[dict[str, Any]]:
    """A full step by OpenVINO; nothing where it is not installed."""
    from scumble.engine.backends.openvino import version

    if not version():
        return []
    took = openvino_step(kind)
    return [
        share("models.openvino_step_512", took / stock_step, 1 / 3, took, f"diffusers, float32; OpenVINO {version()}")
    ]


def openvino_step(kind: Any) -> float:
    """Seconds of a full step with guidance."""
    import torch
    from diffusers import UNet2DConditionModel

    from scumble.engine.backends.openvino import Accelerator
    from scumble.engine.models.loader import arranged
    from scumble.engine.models.presets import SD1

    with torch.no_grad():
        unet = arranged(UNet2DConditionModel(**SD1.unet), torch.device("cpu"), kind)
        network = Accelerator(unet).get(lambda: None)
        assert network is not None
        latent, text = torch.randn((2, 4, SIDE, SIDE), dtype=kind), torch.randn((2, 77, 768), dtype=kind)
        return min(seconds(lambda: network(latent, torch.tensor(500), encoder_hidden_states=text)) for _ in range(3))


def measure(kind: Any, every: int, way: str = "fused") -> tuple[float, float, float]:
    """Seconds of a full step with guidance and that way of attention, of a cached one, and of decoding a picture."""
    import torch
    from diffusers import AutoencoderKL, UNet2DConditionModel

    from scumble.engine.models.loader import arranged
    from scumble.engine.models.presets import SD1
    from scumble.engine.sampling.attending import attending
    from scumble.engine.sampling.cache import cached, full_steps

    with torch.no_grad():
        unet = arranged(UNet2DConditionModel(**SD1.unet), torch.device("cpu"), kind)
        latent, text = torch.randn((2, 4, SIDE, SIDE), dtype=kind), torch.randn((2, 77, 768), dtype=kind)
        calls = 2 * every
        with attending(unet, way), cached(unet, every, calls) as network:
            step = partial(network, latent, torch.tensor(500), encoder_hidden_states=text, return_dict=False)
            times = [seconds(step) for _ in range(calls)]
        whole = full_steps(calls, every)
        full = min(times[call] for call in whole)
        shallow = min((times[call] for call in range(calls) if call not in whole), default=full)
        del unet, network, step
        gc.collect()
        vae = arranged(AutoencoderKL(**SD1.vae), torch.device("cpu"), kind)
        decode = min(seconds(lambda: vae.decode(latent[:1])) for _ in range(2))
    gc.collect()
    return full, shallow, decode


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def share(name: str, value: float, limit: float, took: float, peer: str) -> dict[str, Any]:
    """A ratio that should be small; p50 is ours in ms."""
    return row(name, value, "ratio of time", limit, peer=peer, p50=took * 1e3)
