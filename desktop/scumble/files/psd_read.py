"""Opens PSD and PSB files, by psd-tools: layers, groups, masks, blend modes, clipping, locks, profile, resolution.

What Scumble has no like of is left out or kept as pixels, and named in the notes.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms
from psd_tools import ParseLimitError, ParseLimits, PSDImage
from psd_tools.api.layers import Group as PsdGroup
from psd_tools.api.layers import Layer as PsdLayer
from psd_tools.api.mask import Mask as PsdMask
from psd_tools.api.utils import has_transparency
from psd_tools.constants import Resource, Tag

from scumble.api import ScumbleError
from scumble.document import (
    BGRA8,
    RGBA16,
    BlendMode,
    Document,
    Group,
    Layer,
    PaintLayer,
    Pixels,
    Rect,
    Surface,
    SurfaceId,
    Transaction,
)
from scumble.files.limits import Allowance, Limits
from scumble.files.notes import Note, Opened, Progress, no_progress
from scumble.files.planes import add_tiles, strips
from scumble.files.psd_channels import ChannelError, unpack, unpack_many
from scumble.files.psd_names import CMYK, HEADER, PASS_THROUGH, RGB, PsdHeader, mode_of, read_psd_header
from scumble.files.straight import from_straight
from scumble.files.texts import whole

logging.getLogger("psd_tools").addHandler(logging.NullHandler())

_FURTHEST: Final = 1 << 20
"""How far from the canvas a layer may lie, in pixels."""

_ALPHA: Final = -1
_MASK: Final = -2
_REAL_MASK: Final = -3
_RASTERISED: Final = {
    "type": "note-text-rasterised",
    "shape": "note-shape-rasterised",
    "smartobject": "note-smart-object-rasterised",
}


def read_psd(path: Path, limits: Limits | None = None, progress: Progress = no_progress) -> Opened:
    """Reads a file. Grey, RGB and CMYK with 8 or 16 bits; CMYK is converted by its profile.

    Raises `file-not-image`, `file-truncated`, `file-too-large`, `file-unsafe`, `file-psd-kind`, or `Cancelled`.
    """
    bounds = limits or Limits()
    with path.open("rb") as file:
        header = read_psd_header(file.read(HEADER), path, bounds)
    with _as_errors(path):
        psd = PSDImage.open(path, parse_limits=ParseLimits(max_nesting_depth=bounds.depth))
        return _Reader(path, psd, header, bounds).read(progress)


@contextmanager
def _as_errors(path: Path) -> Iterator[None]:
    """A damaged file makes psd-tools stumble in many ways."""
    try:
        yield
    except (ScumbleError, MemoryError, FileNotFoundError, PermissionError):
        raise
    except ParseLimitError as error:
        raise ScumbleError("file-unsafe", path=path, reason="it describes more than a picture needs") from error
    except ChannelError as error:
        raise ScumbleError("file-truncated", path=path, reason=str(error)) from error
    except Exception as error:
        reason = "its layers cannot be read"
        raise ScumbleError("file-truncated", path=path, reason=reason, details=repr(error)) from error


class _Reader:
    def __init__(self, path: Path, psd: PSDImage, header: PsdHeader, limits: Limits) -> None:
        self._path = path
        self._psd = psd
        self._header = header
        self._limits = limits
        self._tiles = Allowance(path, limits.tiles)
        self._decoded = Allowance(path, limits.total)
        self._notes: list[Note] = []
        self._done = 0
        self._count = 0
        resources = psd.image_resources
        self._icc = bytes(resources.get_data(Resource.ICC_PROFILE) or b"")
        self._to_rgb = _cmyk_transform(self._icc) if header.mode == CMYK else None

    def read(self, progress: Progress) -> Opened:
        header = self._header
        self._progress = progress
        self._count = self._counted(self._psd, 0)
        document = Document(header.width, header.height, RGBA16 if header.depth == 16 and not self._cmyk else BGRA8)
        progress(0, self._count)
        with document.history.transaction("Open") as edit:
            layers = self._layers(document, edit, self._psd)
            if not layers:
                layers = (self._merged(document, edit),)
            icc = self._icc if header.mode == RGB else b""
            edit.set_structure(replace(document.structure, layers=layers, icc=icc, dpi=self._dpi()))
        document.history.clear()
        if self._cmyk:
            self._notes.insert(0, Note.of("note-colours-converted", path=self._path, mode="CMYK"))
        return Opened(document, tuple(self._notes))

    @property
    def _cmyk(self) -> bool:
        return self._header.mode == CMYK

    def _counted(self, group: PSDImage | PsdGroup, depth: int) -> int:
        """The number of layers, within the limits."""
        if depth > self._limits.depth:
            reason = f"its groups are nested more than {self._limits.depth} deep"
            raise ScumbleError("file-unsafe", path=self._path, reason=reason)
        count = 0
        for layer in group:
            count += 1 + (self._counted(layer, depth + 1) if isinstance(layer, PsdGroup) else 0)
        if count > self._limits.layers:
            reason = f"it has more than {self._limits.layers} layers"
            raise ScumbleError("file-unsafe", path=self._path, reason=reason)
        return count

    def _dpi(self) -> float:
        found = self._psd.image_resources.get_data(Resource.RESOLUTION_INFO)
        value = getattr(found, "horizontal", 0) / 65536.0
        return value if 1.0 <= value <= 100_000.0 else 72.0

    # Layers

    def _layers(self, document: Document, edit: Transaction, group: PSDImage | PsdGroup) -> tuple[Layer, ...]:
        found = (self._layer(document, edit, layer) for layer in group)
        return tuple(layer for layer in found if layer is not None)

    def _layer(self, document: Document, edit: Transaction, layer: PsdLayer) -> Layer | None:
        made: Layer | None
        if isinstance(layer, PsdGroup):
            children = self._layers(document, edit, layer)
            isolated = bytes(layer.blend_mode) != PASS_THROUGH
            made = Group(**self._common(document, edit, layer), children=children, isolated=isolated)
        else:
            made = self._paint_layer(document, edit, layer)
        self._done += 1
        self._progress(self._done, self._count)
        return made

    def _paint_layer(self, document: Document, edit: Transaction, layer: PsdLayer) -> PaintLayer | None:
        surface = Surface.for_colour(document.format)
        kind, locks = str(layer.kind), layer.locks
        if layer.has_pixels() and layer.width > 0 and layer.height > 0:
            if kind in _RASTERISED:
                self._note(_RASTERISED[kind], layer)
            self._fill(surface, layer)
        elif (colour := _solid_colour(layer)) is not None:
            self._note("note-fill-rasterised", layer)
            bounds = document.bounds
            for band in strips(bounds):
                rows = np.empty((band.height, band.width, 4), document.format.dtype)
                rows[:] = document.format.solid(*colour)
                add_tiles(surface.tiles, band, rows, self._tiles)
        elif kind != "pixel":
            self._note("note-adjustment-left-out", layer)
            return None
        common = self._common(document, edit, layer)
        alpha_locked = locks is not None and locks.transparency and not common["locked"]
        return PaintLayer(**common, surface=edit.add_surface(surface), alpha_locked=alpha_locked)

    def _common(self, document: Document, edit: Transaction, layer: PsdLayer) -> dict[str, Any]:
        key, locks = bytes(layer.blend_mode), layer.locks
        mode = BlendMode.NORMAL if key == PASS_THROUGH else mode_of(key)
        if mode is None:
            name = getattr(layer.blend_mode, "name", str(key)).replace("_", " ").capitalize()
            self._notes.append(Note.of("note-mode-unknown", layer=layer.name, mode=name))
        if layer.has_effects():
            self._note("note-effects-left-out", layer)
        mask, enabled = self._layer_mask(document, edit, layer)
        return {
            "id": document.new_layer_id(),
            "name": layer.name.rstrip("\0"),
            "visible": bool(layer.visible),
            "opacity": (layer.opacity / 255.0) * (layer.fill_opacity / 255.0),
            "mode": mode or BlendMode.NORMAL,
            "locked": locks is not None and bool(locks.complete or locks.composite),
            "mask": mask,
            "mask_enabled": enabled,
            "clip": bool(layer.clipping),
        }

    def _note(self, code: str, layer: PsdLayer) -> None:
        self._notes.append(Note.of(code, layer=layer.name))

    # Pixels

    def _fill(self, surface: Surface, layer: PsdLayer) -> None:
        """Puts the pixels of a layer into a surface; a damaged one stays empty, with a note."""
        place = Rect(layer.left, layer.top, layer.width, layer.height)
        try:
            self._check_place(place)
            wanted = range(self._header.colours)
            colours = [self._channel(layer, number, place) for number in wanted]
            if any(colour is None for colour in colours):
                raise ChannelError("a colour is missing")
            alpha = self._channel(layer, _ALPHA, place)
        except ChannelError as error:
            self._notes.append(Note.of("note-layer-damaged", layer=layer.name, reason=error))
            return
        self._put(surface, place, [colour for colour in colours if colour is not None], alpha)

    def _put(self, surface: Surface, place: Rect, colours: Sequence[Pixels], alpha: Pixels | None) -> None:
        pixel_format = RGBA16 if surface.dtype == np.uint16 else BGRA8
        for band in strips(place):
            rows = slice(band.y - place.y, band.bottom - place.y)
            straight = self._rgba([colour[rows] for colour in colours], None if alpha is None else alpha[rows])
            add_tiles(surface.tiles, band, from_straight(pixel_format, straight), self._tiles)

    def _rgba(self, colours: Sequence[Pixels], alpha: Pixels | None) -> Pixels:
        if self._cmyk:
            rgb = self._converted([_eight(colour) for colour in colours])
            alpha = None if alpha is None else _eight(alpha)
        else:
            rgb = np.dstack(colours if len(colours) == 3 else [colours[0]] * 3)
        return rgb if alpha is None else np.dstack([rgb, alpha])

    def _converted(self, inks: Sequence[Pixels]) -> Pixels:
        """Inks as the file has them, 255 for none, → RGB."""
        image = Image.merge("CMYK", [Image.fromarray(np.ascontiguousarray(255 - ink)) for ink in inks])
        if self._to_rgb is not None:
            converted = ImageCms.applyTransform(image, self._to_rgb)
            if converted is not None:
                return np.asarray(converted)
        return np.asarray(image.convert("RGB"))

    def _channel(self, layer: PsdLayer, number: int, place: Rect) -> Pixels | None:
        """One channel of a layer; None when it has none of that number. Raises ChannelError."""
        for info, data in zip(layer._record.channel_info, layer._channels, strict=False):
            if int(info.id) == number:
                depth = self._header.depth
                self._decoded.spend(place.area * depth // 8)
                packing = int(data.compression)
                return unpack(packing, data.data, place.width, place.height, depth, self._header.version)
        return None

    def _check_place(self, place: Rect) -> None:
        if max(abs(place.x), abs(place.y)) > _FURTHEST:
            raise ChannelError("it lies too far from the canvas")
        self._limits.check_size(self._path, place.width, place.height)

    def _layer_mask(self, document: Document, edit: Transaction, layer: PsdLayer) -> tuple[SurfaceId | None, bool]:
        """The mask of a layer, and whether it is in force."""
        mask = layer.mask
        if layer.has_vector_mask() and str(layer.kind) != "shape" and (mask is None or not mask.has_real()):
            self._note("note-vector-mask-left-out", layer)
        if mask is None:
            return None, True
        surface = Surface.for_mask()
        try:
            self._fill_mask(surface, mask, layer, document.bounds)
        except ChannelError as error:
            self._notes.append(Note.of("note-mask-damaged", layer=layer.name, reason=error))
            return None, True
        return edit.add_surface(surface), not mask.disabled

    def _fill_mask(self, surface: Surface, mask: PsdMask, layer: PsdLayer, canvas: Rect) -> None:
        place = Rect(mask.left, mask.top, mask.width, mask.height)
        values: NDArray[np.uint8] | None = None
        if not place.empty:
            self._check_place(place)
            channel = self._channel(layer, _REAL_MASK if mask.has_real() else _MASK, place)
            values = None if channel is None else _eight(channel)
        ground = mask.background_color
        own = Rect(layer.left, layer.top, layer.width, layer.height)
        whole = place if not ground else place | canvas | own
        self._check_place(whole)
        keep = 255 - _density(mask)
        for band in strips(whole):
            rows = np.full((band.height, band.width), ground, np.uint8)
            part = band & place
            if values is not None and not part.empty:
                rows[part.slices(band)] = values[part.slices(place)]
            if keep:
                rows = np.asarray(keep + (rows.astype(np.uint16) * (255 - keep) + 127) // 255, np.uint8)
            add_tiles(surface.tiles, band, rows, self._tiles)

    def _merged(self, document: Document, edit: Transaction) -> PaintLayer:
        """A file without layers: its one picture."""
        header, data = self._header, self._psd._record.image_data
        place = document.bounds
        self._decoded.spend(place.area * header.channels * header.depth // 8)
        channels = unpack_many(
            int(data.compression), data.data, place.width, place.height, header.depth, header.channels, header.version
        )
        colours, alpha = channels[: header.colours], None
        if header.channels > header.colours and has_transparency(self._psd):
            alpha = channels[header.colours]
            colours = [_off_white(colour, alpha) for colour in colours]
        surface = Surface.for_colour(document.format)
        self._put(surface, place, colours, alpha)
        return PaintLayer(id=document.new_layer_id(), name=whole(self._path.stem), surface=edit.add_surface(surface))


def _density(mask: PsdMask) -> int:
    found = mask.parameters.user_mask_density if mask.parameters is not None else None
    return 255 if found is None else int(found)


def _eight(channel: Pixels) -> Pixels:
    if channel.dtype == np.uint8:
        return channel
    return np.asarray((channel.astype(np.uint32) * 255 + 32767) // 65535, np.uint8)


def _off_white(colour: Pixels, alpha: Pixels) -> Pixels:
    """The merged picture is stored on white; this takes the white away again."""
    top = np.float32(np.iinfo(colour.dtype).max)
    opacity = np.maximum(alpha, 1).astype(np.float32)
    own = (colour.astype(np.float32) - (top - alpha.astype(np.float32))) * top / opacity
    return np.asarray(np.rint(np.clip(own, 0.0, top)).astype(colour.dtype))


def _cmyk_transform(icc: bytes) -> ImageCms.ImageCmsTransform | None:
    """From the file's inks to sRGB; None where its profile does not serve."""
    with suppress(ImageCms.PyCMSError, OSError, ValueError):
        source = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), "CMYK", "RGB")
    return None


def _solid_colour(layer: PsdLayer) -> tuple[float, float, float] | None:
    """The RGB colour, 0…1, of a layer that is nothing but one colour."""
    if str(layer.kind) != "solidcolorfill":
        return None
    found = layer.tagged_blocks.get_data(Tag.SOLID_COLOR_SHEET_SETTING)
    with suppress(KeyError, TypeError, ValueError, AttributeError):
        colour = found[b"Clr "]
        red, green, blue = (float(colour[key]) / 255.0 for key in (b"Rd  ", b"Grn ", b"Bl  "))
        return red, green, blue
    return None
