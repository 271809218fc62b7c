"""A drawn world: captioned pictures made from a seed, to train the starter model on. No people in it.

`compose` decides what is in the picture of a seed, `draw` draws it, `caption` puts it into words.
"""

from world.board import Picture
from world.captions import caption
from world.make import compose, draw
from world.scene import COLOURLESS, STYLES, Scene, Thing

__all__ = ["COLOURLESS", "STYLES", "Picture", "Scene", "Thing", "caption", "compose", "draw"]
