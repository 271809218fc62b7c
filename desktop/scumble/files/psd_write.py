"""Writes PSD files, by psd-tools: layers, groups, masks, blend modes, clipping, locks, profile and resolution.

Recipes, the selection and kept selections have no place in the
format. Channels are packed as PackBits, because Krita 5 refuses a mask on a layer that is packed as ZIP.
"""

from __future__ import annotations

import io
from typing import Final, Literal

import numpy as np
from PIL import Image
from psd_tools import PSDImage
from psd_tools.api.layers import Group as PsdGroup
from psd_tools.api.layers import Layer as PsdLayer
from psd_tools.api.layers import PixelLayer
from psd_tools.constants import BlendMode as PsdMode
from psd_tools.constants import ChannelID, Compression, ProtectedFlags, Resource, Tag
from psd_tools.psd.image_resources import ImageResource, ResoulutionInfo
from psd_tools.psd.layer_and_mask import ChannelData, ChannelDataList, ChannelInfo, LayerRecord

from scumble.document import Group, Layer, PaintLayer, Pixels, Rect, Snapshot, SurfaceId, walk
from scumble.files.notes import Note, Progress, no_progress
from scumble.files.planes import crop_of, strips
from scumble.files.psd_channels import pack_bits
from scumble.files.psd_names import PASS_THROUGH, key_of
from scumble.files.straight import to_straight

_PPI: Final = 1
_INCHES: Final = 1
_LONGEST_NAME: Final = 255


def encode_psd(snapshot: Snapshot, merged: Pixels, progress: Progress = no_progress) -> tuple[bytes, tuple[Note, ...]]:
    """A document as a file, and what the format could not hold. `merged` is the whole visible picture, stored pixels.

    Raises what `progress` raises.
    """
    return _Writer(snapshot, progress).encode(merged)


class _Writer:
    def __init__(self, snapshot: Snapshot, progress: Progress) -> None:
        self._snapshot = snapshot
        self._structure = snapshot.structure
        self._progress = progress
        self._notes: list[Note] = []
        self._done = 0
        self._count = sum(1 for _ in walk(snapshot.structure.layers)) + 1

    def encode(self, merged: Pixels) -> tuple[bytes, tuple[Note, ...]]:
        structure, pixel_format = self._structure, self._snapshot.format
        opaque = int(merged[..., pixel_format.alpha].min()) == pixel_format.maximum
        depth: Literal[8, 16] = 16 if pixel_format.dtype.itemsize > 1 else 8
        psd = PSDImage.new("RGB" if opaque else "RGBA", (structure.width, structure.height), depth=depth)
        self._progress(0, self._count)
        for layer in structure.layers:
            self._add(psd, psd, layer)
        info = psd._record._get_layer_info()
        if info is not None and not opaque:
            info.layer_count = -abs(info.layer_count)
        self._add_resources(psd)
        psd._record.image_data.compression = Compression.RLE
        psd._record.image_data.data = pack_bits(self._planes(merged, opaque), psd.version)
        out = io.BytesIO()
        psd._record.write(out)
        self._progress(self._count, self._count)
        return out.getvalue(), tuple(self._notes)

    def _planes(self, merged: Pixels, opaque: bool) -> list[Pixels]:
        """The merged picture on white, and its alpha where it is not opaque."""
        pixel_format = self._snapshot.format
        alpha = merged[..., pixel_format.alpha]
        colours = [merged[..., channel] + (pixel_format.maximum - alpha) for channel in pixel_format.order[:3]]
        return colours if opaque else [*colours, np.ascontiguousarray(alpha)]

    def _add_resources(self, psd: PSDImage) -> None:
        resources = psd.image_resources
        fixed = round(self._structure.dpi * 65536)
        info = ResoulutionInfo(fixed, _PPI, _INCHES, fixed, _PPI, _INCHES)
        resources[Resource.RESOLUTION_INFO] = ImageResource(key=Resource.RESOLUTION_INFO, data=info)  # type: ignore[arg-type]  # its class declares bytes alone
        if self._structure.icc:
            resources[Resource.ICC_PROFILE] = ImageResource(key=Resource.ICC_PROFILE, data=self._structure.icc)

    # Layers

    def _add(self, psd: PSDImage, parent: PSDImage | PsdGroup, layer: Layer) -> None:
        made: PsdLayer
        if isinstance(layer, Group):
            made = parent.create_group()
            for child in layer.children:
                self._add(psd, made, child)
            through = layer.passes_through
            made.blend_mode = PsdMode(PASS_THROUGH) if through else self._mode(layer)
        else:
            assert isinstance(layer, PaintLayer)
            made = self._pixels(psd, parent, layer)
            made.blend_mode = self._mode(layer)
            if layer.recipe is not None:
                self._notes.append(Note.of("note-recipe-dropped", layer=layer.name))
        made.name = layer.name[:_LONGEST_NAME]
        made.visible = layer.visible
        made.opacity = round(layer.opacity * 255)
        if layer.clip:
            made.clipping = True
        self._lock(made, layer)
        if layer.mask is not None:
            self._mask(made, layer.mask, enabled=layer.mask_enabled)
        self._done += 1
        self._progress(self._done, self._count)

    def _mode(self, layer: Layer) -> PsdMode:
        key = key_of(layer.mode)
        if key is None:
            mode = layer.mode.name.replace("_", " ").capitalize()
            self._notes.append(Note.of("note-mode-not-kept", layer=layer.name, mode=mode))
            return PsdMode.NORMAL
        return PsdMode(key)

    def _lock(self, made: PsdLayer, layer: Layer) -> None:
        if layer.locked:
            flags = ProtectedFlags.COMPOSITE | ProtectedFlags.POSITION
            made.tagged_blocks.set_data(Tag.PROTECTED_SETTING, flags)
        elif isinstance(layer, PaintLayer) and layer.alpha_locked:
            made.tagged_blocks.set_data(Tag.PROTECTED_SETTING, int(ProtectedFlags.TRANSPARENCY))

    def _pixels(self, psd: PSDImage, parent: PSDImage | PsdGroup, layer: PaintLayer) -> PixelLayer:
        crop = crop_of(self._snapshot.planes[layer.surface])
        straight = self._straight(layer.surface, crop)
        record = LayerRecord(top=crop.y, left=crop.x, bottom=crop.bottom, right=crop.right, channel_info=[])
        channels = ChannelDataList()
        for number, plane in ((ChannelID.TRANSPARENCY_MASK, 3), *((ChannelID(index), index) for index in range(3))):
            data = ChannelData(Compression.RLE, pack_bits([straight[..., plane]], psd.version))
            record.channel_info.append(ChannelInfo(number, len(data.data) + 2))
            channels.append(data)
        made = PixelLayer(parent, record, channels)
        parent.append(made)
        return made

    def _straight(self, surface: SurfaceId, crop: Rect) -> Pixels:
        out = np.empty((crop.height, crop.width, 4), self._snapshot.format.dtype)
        for band in strips(crop):
            stored = self._snapshot.read_colour(surface, band)
            out[band.slices(crop)] = to_straight(self._snapshot.format, stored)
        return out

    def _mask(self, made: PsdLayer, surface: SurfaceId, enabled: bool) -> None:
        crop = crop_of(self._snapshot.planes[surface])
        values = self._snapshot.read_mask(surface, crop)
        mask = made.create_mask(Image.fromarray(values), crop.y, crop.x, Compression.RLE)
        mask.disabled = not enabled
