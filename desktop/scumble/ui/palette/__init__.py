"""The command palette: every command, found by a few of its letters."""
