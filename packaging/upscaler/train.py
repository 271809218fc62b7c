"""Trains the ×2 network for clean art on drawn pictures: `python packaging/upscaler/train.py --minutes 15`."""

from __future__ import annotations

import argparse
import math
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import torch
from safetensors.torch import load_file
from torch.nn import functional

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "packaging" / "starter_model"))  # for `world`, whose scenes are learned from as well

from degrade import shrink, worsen  # noqa: E402
from measure import drawn, photographs, rows, summary  # noqa: E402
from network import Compact, save  # noqa: E402
from pictures import Picture, picture_set  # noqa: E402

SCALE, PATCH, BATCH = 2, 64, 16
EMA = 0.998
CLEAN = 0.6
"""The share of patches that are only shrunk."""
HEADER = "| Y-PSNR, dB | bicubic | Lanczos | network |\n|---|---|---|---|"


def batch(pictures: Picture, rng: np.random.Generator, clean: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Random patches, turned, mirrored and with their channels shuffled: small and large, `(batch, 3, h, w)`, 0…1."""
    small, large = [], []
    for _ in range(BATCH):
        whole = pictures[rng.integers(len(pictures))]
        y, x = rng.integers(0, whole.shape[0] - PATCH + 1, 2)
        patch = np.rot90(whole[y : y + PATCH, x : x + PATCH], int(rng.integers(4)))
        patch = patch[:, ::-1] if rng.random() < 0.5 else patch
        patch = np.ascontiguousarray(patch[..., rng.permutation(3)])
        large.append(patch)
        small.append(shrink(patch, SCALE) if rng.random() < clean else worsen(patch, SCALE, rng))
    to_tensor = [torch.from_numpy(np.stack(p)).permute(0, 3, 1, 2).float() / 255 for p in (small, large)]
    return to_tensor[0], to_tensor[1]


def pictures_for_training(count: int, cache: Path, workers: int) -> Picture:
    """Drawn once, then read from the cache."""
    path = cache / f"pictures_{count}.npy"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        np.save(path, picture_set(0, count, workers=workers))
    return np.asarray(np.load(path, mmap_mode="r"))


def train(options: argparse.Namespace) -> Compact:
    """The loop; returns the averaged network. With `steps` given, it depends on the seed alone."""
    torch.manual_seed(options.seed)
    pictures = pictures_for_training(options.pictures, options.cache, options.workers)
    network = Compact(scale=SCALE)
    network.to(options.device)
    if options.init:
        network.load_state_dict(load_weights(options.init))
    average = [weight.detach().clone() for weight in network.parameters()]
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3)
    rng, begin, step, done = np.random.default_rng(options.seed), time.monotonic(), 0, 0.0
    while done < 1:
        rate = options.rate * min(1, (step + 1) / 100) * (0.5 + 0.5 * math.cos(math.pi * done)) + 1e-5
        for group in optimiser.param_groups:
            group["lr"] = rate
        small, large = (t.to(options.device, memory_format=torch.channels_last) for t in batch(pictures, rng, CLEAN))
        loss = functional.l1_loss(network(small), large)
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        optimiser.step()
        keep = min(EMA, (1 + step) / (10 + step))
        torch._foreach_lerp_(average, [weight.detach() for weight in network.parameters()], 1 - keep)
        step += 1
        elapsed = time.monotonic() - begin
        done = step / options.steps if options.steps else elapsed / (60 * options.minutes)
        if step % 500 == 0:
            print(f"{elapsed:.0f} s, step {step}, L1 {loss.item():.4f}", flush=True)
    for weight, mean in zip(network.parameters(), average, strict=True):
        weight.data = mean
    return network


def load_weights(path: Path) -> dict[str, torch.Tensor]:
    """Weights that `save` wrote, in single precision."""
    return {name: value.float() for name, value in load_file(path).items()}


def parse() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "plugins/scumble_upscale/weights/x2.safetensors")
    parser.add_argument("--cache", type=Path, default=ROOT / "build/upscaler", help="drawn pictures")
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--steps", type=int, default=0, help="train for so many steps instead")
    parser.add_argument("--pictures", type=int, default=400)
    parser.add_argument("--workers", type=int, default=1, help="processes that draw")
    parser.add_argument("--rate", type=float, default=1.5e-3, help="the highest learning rate")
    parser.add_argument("--init", type=Path, help="weights to begin with")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    return parser.parse_args()


def main() -> None:
    """Trains, writes the weights, prints the table."""
    options = parse()
    cv2.setNumThreads(1)
    network = train(options).eval()
    save(network.state_dict(), options.out, SCALE)
    print(HEADER)
    for title, pictures in (("drawn, held out", drawn()), ("scikit-image samples", photographs())):
        if pictures:
            table = rows(network, pictures)
            print(summary(title, table))
            for row in table if title.startswith("scikit") else []:
                print(f"| {row.name} | {row.bicubic:.2f} | {row.lanczos:.2f} | {row.network:.2f} |")


if __name__ == "__main__":
    main()
