"""Reading and writing pictures; saves that cannot harm the file before; recovery after a crash."""

from scumble.files.atomic import atomic_write
from scumble.files.autosave import Autosave, Recoverable
from scumble.files.choices import Choices
from scumble.files.documents import export_document, flattened, open_document, save_document
from scumble.files.formats import FORMATS, Format, format_of
from scumble.files.limits import Limits
from scumble.files.mask_pictures import MaskPicture, mask_picture, read_mask, write_mask
from scumble.files.notes import Note, Opened, Progress
from scumble.files.reuse import Reuse

__all__ = [
    "FORMATS",
    "Autosave",
    "Choices",
    "Format",
    "Limits",
    "MaskPicture",
    "Note",
    "Opened",
    "Progress",
    "Recoverable",
    "Reuse",
    "atomic_write",
    "export_document",
    "flattened",
    "format_of",
    "mask_picture",
    "open_document",
    "read_mask",
    "save_document",
    "write_mask",
]
