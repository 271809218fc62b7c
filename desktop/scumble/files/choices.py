"""What a person can choose about a picture that is exported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MOST_COMPRESSION: Final = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """How an export is written; each format looks at what concerns it.

    `quality` is 1…100 for JPEG and WebP; `lossless` is WebP's, and so is a quality of 100; `progressive` is JPEG's;
    `compression` is PNG's, 0 (quickest) … 9 (smallest). `matte` is what shows through where a format has no
    transparency, RGB of 0…255 in the colours of the document. `metadata` keeps the EXIF and XMP that the picture came
    with, `recipes` writes how generated layers were made, prompts included: into the EXIF user comment, and into text
    chunks of a PNG.
    """

    quality: int = 92
    lossless: bool = False
    progressive: bool = False
    compression: int = 1
    matte: tuple[int, int, int] = (255, 255, 255)
    metadata: bool = True
    recipes: bool = False
