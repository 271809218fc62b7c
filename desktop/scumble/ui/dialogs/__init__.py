"""Dialogs: few, and none of them where a bar or a dock would do."""
