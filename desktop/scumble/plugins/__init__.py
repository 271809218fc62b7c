"""Manifests, the catalogue of plugins, their installation. Imports no plugin."""
