"""The compositor: a document's tiles, as they look."""

from scumble.render import oracle
from scumble.render.budget import Budget
from scumble.render.compositor import Compositor
from scumble.render.flatten import flatten, flatten_tiles, merge
from scumble.render.remembered import Remembered

__all__ = ["Budget", "Compositor", "Remembered", "flatten", "flatten_tiles", "merge", "oracle"]
