"""Opens pictures without layers: PNG, JPEG, WebP, TIFF, BMP."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from PIL import Image, ImageCms, UnidentifiedImageError

from scumble.api import ScumbleError
from scumble.document import BGRA8, RGBA16, Document, PaintLayer, Pixels, Surface
from scumble.files.limits import Allowance, Limits
from scumble.files.metadata import read_metadata
from scumble.files.notes import Note, Opened, Progress, no_progress
from scumble.files.pillow import quiet
from scumble.files.planes import add_tiles, strips
from scumble.files.png import from_opencv, read_header
from scumble.files.straight import from_straight
from scumble.files.texts import whole

READABLE: Final = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "DIB")

_ORIENTATION: Final = 0x0112
_BITS_PER_SAMPLE: Final = 258
_TURNS: Final[dict[int, Callable[[Pixels], Pixels]]] = {
    2: np.fliplr,
    3: lambda picture: np.rot90(picture, 2),
    4: np.flipud,
    5: lambda picture: np.swapaxes(picture, 0, 1),
    6: lambda picture: np.rot90(picture, -1),
    7: lambda picture: np.swapaxes(np.rot90(picture, 2), 0, 1),
    8: lambda picture: np.rot90(picture),
}
"""What each value of EXIF's Orientation asks for. Source: Exif 2.32, 4.6.4."""


@dataclass(slots=True)
class _Raster:
    """Straight pixels `(h, w, 1…4)`, uint8 or uint16, and what belongs to them."""

    pixels: Pixels
    icc: bytes = b""
    dpi: float = 72.0
    extras: dict[str, bytes] = field(default_factory=dict)


def read_raster(path: Path, limits: Limits | None = None, progress: Progress = no_progress) -> Opened:
    """Opens a picture as a document of one layer, named after the file.

    The orientation that a camera noted is applied, an RGB profile kept, other colour models converted to RGB.
    Raises `file-not-image`, `file-truncated`, `file-too-large`, or `Cancelled`.
    """
    bounds = limits or Limits()
    notes: list[Note] = []
    progress(0, 2)
    raster = _decode(path, bounds, notes)
    progress(1, 2)
    pixel_format = RGBA16 if raster.pixels.dtype == np.uint16 else BGRA8
    height, width = raster.pixels.shape[:2]
    document = Document(width, height, pixel_format)
    allowance, surface = Allowance(path, bounds.tiles), Surface.for_colour(pixel_format)
    for band in strips(document.bounds):
        rows = np.ascontiguousarray(raster.pixels[band.y : band.bottom])
        add_tiles(surface.tiles, band, from_straight(pixel_format, rows), allowance)
    with document.history.transaction("Open") as edit:
        layer = PaintLayer(id=document.new_layer_id(), name=whole(path.stem), surface=edit.add_surface(surface))
        edit.set_structure(
            replace(document.structure, layers=(layer,), icc=raster.icc, dpi=raster.dpi, extras=raster.extras)
        )
    document.history.clear()
    progress(2, 2)
    return Opened(document, tuple(notes))


def _decode(path: Path, limits: Limits, notes: list[Note]) -> _Raster:
    with quiet(), _as_errors(path):
        try:
            image = Image.open(path, formats=READABLE)
        except UnidentifiedImageError as error:
            raise ScumbleError("file-not-image", path=path) from error
        with image:
            limits.check_size(path, *image.size)
            if (count := int(getattr(image, "n_frames", 1))) > 1 and image.format != "MPO":
                notes.append(Note.of("note-first-page", path=path, count=count))
            raster = _Raster(np.empty(0), _profile(image), _dpi(image), read_metadata(image))
            raster.pixels = _deep_pixels(path, image) if _is_deep(path, image) else _pixels(path, image, raster, notes)
            turn = _TURNS.get(image.getexif().get(_ORIENTATION, 1))
            if turn is not None:
                raster.pixels = turn(raster.pixels)
            return raster


@contextmanager
def _as_errors(path: Path) -> Iterator[None]:
    """Pillow and its decoders say in many ways that a file is damaged."""
    try:
        yield
    except (ScumbleError, MemoryError, FileNotFoundError, PermissionError, IsADirectoryError):
        raise
    except Exception as error:
        reason = str(error).strip().rstrip(".") or "it cannot be decoded"
        raise ScumbleError("file-truncated", path=path, reason=reason) from error


def _is_deep(path: Path, image: Image.Image) -> bool:
    """Whether a PNG or TIFF holds 16 bits a channel, which Pillow keeps for grey alone."""
    if image.mode.startswith("I;16"):
        return True
    if image.format == "PNG":
        with path.open("rb") as file:
            return read_header(file.read(33)).depth == 16
    bits = getattr(image, "tag_v2", {}).get(_BITS_PER_SAMPLE, ())
    return image.mode in ("RGB", "RGBA") and set(bits) == {16}


def _deep_pixels(path: Path, image: Image.Image) -> Pixels:
    image.load()
    found = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)
    if found is None or found.dtype != np.uint16 or found.shape[:2] != (image.height, image.width):
        return np.asarray(image.convert("RGBA"))
    return from_opencv(found)


def _pixels(path: Path, image: Image.Image, raster: _Raster, notes: list[Note]) -> Pixels:
    image.load()
    mode = image.mode
    if mode in ("RGB", "RGBA"):
        plain = image if "transparency" not in image.info else image.convert("RGBA")
    elif mode in ("P", "PA", "RGBX", "RGBa"):
        plain = image.convert("RGBA" if mode != "RGBX" else "RGB")
    elif mode in ("1", "L", "LA", "La"):
        raster.icc = b""
        plain = image.convert("RGBA" if mode in ("LA", "La") or "transparency" in image.info else "RGB")
    elif mode in ("I", "F"):
        raster.icc = b""
        plain = _from_numbers(np.asarray(image))
    else:
        notes.append(Note.of("note-colours-converted", path=path, mode=mode))
        plain = _converted(image, raster.icc)
        raster.icc = b""
    return np.asarray(plain)


def _from_numbers(values: Pixels) -> Any:
    """Grey of 32 bits: integers as 16-bit values, floats as 0…1."""
    scale = 255.0 if values.dtype.kind == "f" else 255.0 / 65535.0
    grey = np.rint(np.clip(np.nan_to_num(values.astype(np.float64)) * scale, 0.0, 255.0)).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def _converted(image: Image.Image, icc: bytes) -> Image.Image:
    """CMYK, Lab and the like → sRGB, by their profile where it serves."""
    if icc:
        with suppress(ImageCms.PyCMSError, OSError, ValueError):
            source = ImageCms.ImageCmsProfile(io.BytesIO(icc))
            converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            if converted is not None:
                return converted
    return image.convert("RGB")


def _profile(image: Image.Image) -> bytes:
    found = image.info.get("icc_profile")
    return bytes(found) if isinstance(found, bytes) else b""


def _dpi(image: Image.Image) -> float:
    try:
        value = float(image.info.get("dpi", (72.0,))[0])
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        return 72.0
    return value if math.isfinite(value) and 1.0 <= value <= 100_000.0 else 72.0
