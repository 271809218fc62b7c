"""The other process: job loop, plugin host, models. Nothing here is imported by the window."""
