"""What trainers put the weights of a network below: keys in a pickle file, and in a safetensors file, where there are
no levels, the beginning of each name."""

from __future__ import annotations

from typing import Final

WRAPPERS: Final = (
    *("state_dict", "model_state_dict"),
    *("params_ema", "params"),
    *("G_ema", "g_ema", "G", "generator", "netG"),
    *("model_ema", "model", "module"),
)
"""In order of precedence: of several copies the one that was averaged, which is what their makers use. Sources: the
files that Lightning, BasicSR (ESRGAN and its kin), the StyleGANs (and MAT, which is made of one) and LaMa write."""

WRAPPED: Final = rf"^(?:(?:{'|'.join(WRAPPERS)})\.)*"
"""A pattern of any number of them before the name of a tensor."""
