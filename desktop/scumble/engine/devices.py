"""What to compute on, in which numbers, and how attention is computed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

LARGE: Final = 512
"""A model that was trained at this side or above is large: half the memory is worth the rounding."""


@dataclass(frozen=True, slots=True)
class Device:
    """A device as torch names it, what models compute in there, and why, in English.

    `large_dtype` is for large models, `dtype` for all others and for jobs without a model. With `guessed` the former is
    what the processor says it can do, and still to be measured. `large_attention` and `attention` say in the same way
    how attention is computed, `fused` or `plain`; the former is empty while it is still to be measured. `remark` is the
    part of the reason that a person's wish has given.
    """

    name: str
    dtype: str
    large_dtype: str
    reason: str
    remark: str = ""
    guessed: bool = False
    attention: str = "fused"
    large_attention: str = "fused"

    @property
    def open(self) -> bool:
        """Whether something is still to be measured before the first large model."""
        return self.guessed or not self.large_attention

    def dtype_for(self, native: int) -> str:
        """What a model that was trained at `native` pixels computes in."""
        return self.large_dtype if native >= LARGE else self.dtype

    def attention_for(self, native: int) -> str:
        """How such a model's attention is computed."""
        return self.large_attention if native >= LARGE else self.attention


def choose_device(wanted: str = "", dtype: str = "", attention: str = "") -> Device:
    """The best device that torch can use here, or the wanted one if there is such; with `dtype`, all models compute in
    that, except that no processor computes in float16, for which it takes ten times as long. With `attention`, all
    compute theirs that way on a processor; on other devices it is always fused. Imports torch."""
    device = _best(wanted)
    if attention and device.name == "cpu":
        said = f"{attention} attention, as the settings say"
        remark, reason = joined(device.remark, said), joined(device.reason, said)
        device = replace(device, attention=attention, large_attention=attention, remark=remark, reason=reason)
    if not dtype:
        return device
    if device.name == "cpu" and dtype == "float16":
        return replace(device, reason=f"{device.reason}; float16 was asked for, but a processor is far too slow in it")
    reason = joined(f"{dtype}, as the settings say", device.remark)
    return replace(device, dtype=dtype, large_dtype=dtype, reason=reason, guessed=False)


def joined(*reasons: str) -> str:
    """Those of some reasons that are any, as one."""
    return "; ".join(filter(None, reasons))


def _remark(wanted: str, got: str) -> str:
    return f"{wanted} was asked for but is not available" if wanted not in ("", got) else ""


def _best(wanted: str) -> Device:
    import torch

    if wanted in ("", "cuda") and torch.cuda.is_available():
        return _cuda()
    if wanted in ("", "xpu") and torch.xpu.is_available():
        return Device("xpu", "bfloat16", "bfloat16", f"an Intel GPU, {torch.xpu.get_device_name()}")
    if wanted in ("", "mps") and torch.backends.mps.is_available():
        return Device("mps", "float16", "float16", "Apple's GPU")
    return _cpu(_remark(wanted, "cpu"))


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
    return Device("cpu", "float32", large, joined(remark, why), remark, guessed=bool(fast), large_attention="")
