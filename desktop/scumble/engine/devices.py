"""What to compute on, and in which numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

LARGE: Final = 512
"""A model that was trained at this side or above is large: half the memory is worth the rounding."""


@dataclass(frozen=True, slots=True)
class Device:
    """A device as torch names it, what models compute in there, and why, in English.

    `large_dtype` is for large models, `dtype` for all others and for jobs without a model.
    """

    name: str
    dtype: str
    large_dtype: str
    reason: str

    def dtype_for(self, native: int) -> str:
        """What a model that was trained at `native` pixels computes in."""
        return self.large_dtype if native >= LARGE else self.dtype


def choose_device(wanted: str = "") -> Device:
    """The best device that torch can use here, or the wanted one if there is such. Imports torch."""
    import torch

    if wanted in ("", "cuda") and torch.cuda.is_available():
        return _cuda()
    if wanted in ("", "xpu") and torch.xpu.is_available():
        return Device("xpu", "bfloat16", "bfloat16", f"an Intel GPU, {torch.xpu.get_device_name()}")
    if wanted in ("", "mps") and torch.backends.mps.is_available():
        return Device("mps", "float16", "float16", "Apple's GPU")
    return _cpu(f"{wanted} was asked for but is not available" if wanted not in ("", "cpu") else "")


def _cuda() -> Device:
    import torch

    name = torch.cuda.get_device_name()
    if torch.cuda.get_device_capability() >= (8, 0):
        return Device("cuda", "bfloat16", "bfloat16", f"{name} computes in bfloat16")
    return Device("cuda", "float16", "float16", f"{name} is too old for bfloat16")


def _cpu(remark: str) -> Device:
    import torch

    # newer than the oldest torch that we take; without it, large models are slower but right
    able: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    fast = next((name for name in ("amx_bf16", "avx512_bf16", "bf16") if able.get(name)), "")
    large = "bfloat16" if fast else "float32"
    why = f"bfloat16 for large models, as the processor has {fast}" if fast else "the processor has no bfloat16"
    return Device("cpu", "float32", large, "; ".join(filter(None, (remark, why))))
