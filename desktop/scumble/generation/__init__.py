"""Pure functions round a generation: where (region), what may change (masks), the job (prepare), the layer (blend)."""

from scumble.generation.blend import apply, as_document, layer_name, reblend, reblend_within
from scumble.generation.islands import Island, islands
from scumble.generation.masks import Blend, composite_mask, default_blend, denoise_mask, outline
from scumble.generation.prepare import Anchor, Prepared, prepare
from scumble.generation.region import Region, fit, plan, region_for
from scumble.generation.remake import apply_in_place, target_of
from scumble.generation.working import Limits, first_pass

__all__ = [
    "Anchor",
    "Blend",
    "Island",
    "Limits",
    "Prepared",
    "Region",
    "apply",
    "apply_in_place",
    "as_document",
    "composite_mask",
    "default_blend",
    "denoise_mask",
    "first_pass",
    "fit",
    "islands",
    "layer_name",
    "outline",
    "plan",
    "prepare",
    "reblend",
    "reblend_within",
    "region_for",
    "target_of",
]
