"""Manifests, the catalogue of plugins, their installation. Imports no plugin."""

from scumble.plugins.catalogue import Catalogue
from scumble.plugins.discovery import GROUP, InstalledPlugin
from scumble.plugins.installer import install, remove, rollback
from scumble.plugins.manifest import MANIFEST, option_name, read_manifest
from scumble.plugins.params import SIZE_STEP, expected, resolve_params

__all__ = [
    "GROUP",
    "MANIFEST",
    "SIZE_STEP",
    "Catalogue",
    "InstalledPlugin",
    "expected",
    "install",
    "option_name",
    "read_manifest",
    "remove",
    "resolve_params",
    "rollback",
]
