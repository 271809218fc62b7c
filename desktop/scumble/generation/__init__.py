"""Pure functions round a generation: where (region), what may change (masks), the job (prepare), the layer (blend)."""

from scumble.generation.anchors import brought_along
from scumble.generation.blend import apply, as_document, layer_name
from scumble.generation.islands import Island, islands
from scumble.generation.masks import Blend, composite_mask, default_blend, denoise_mask, outline
from scumble.generation.prepare import Anchor, Prepared, prepare
from scumble.generation.reblend import Reblend, Standing, as_applied, reblend, renew, settle, standing
from scumble.generation.region import Region, fit, plan, region_for
from scumble.generation.remake import apply_in_place, target_of
from scumble.generation.working import Limits, first_pass

__all__ = [
    "Anchor",
    "Blend",
    "Island",
    "Limits",
    "Prepared",
    "Reblend",
    "Region",
    "Standing",
    "apply",
    "apply_in_place",
    "as_applied",
    "as_document",
    "brought_along",
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
    "region_for",
    "renew",
    "settle",
    "standing",
    "target_of",
]
