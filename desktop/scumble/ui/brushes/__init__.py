"""Brush presets: the record, the library, their pictures, and which is in hand."""
