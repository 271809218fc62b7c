"""Generating in the window: the dock, its forms made from manifests, jobs, candidates, overlays, plugins."""

from scumble.ui.generate.install import Generation, install

__all__ = ["Generation", "install"]
