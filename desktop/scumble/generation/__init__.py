"""Pure functions round a generation: where (region), what may change (masks), the job (prepare), the layer (blend)."""

from scumble.generation.blend import apply, as_document, layer_name
from scumble.generation.masks import Blend, composite_mask, default_blend, denoise_mask, outline
from scumble.generation.prepare import Anchor, Prepared, prepare
from scumble.generation.reblend import Reblend, Standing, as_applied, reblend, renew, settle, standing
from scumble.generation.region import Limits, Region, fit, plan, region_for

__all__ = [
    "Anchor",
    "Blend",
    "Limits",
    "Prepared",
    "Reblend",
    "Region",
    "Standing",
    "apply",
    "as_applied",
    "as_document",
    "composite_mask",
    "default_blend",
    "denoise_mask",
    "fit",
    "layer_name",
    "outline",
    "plan",
    "prepare",
    "reblend",
    "region_for",
    "renew",
    "settle",
    "standing",
]
