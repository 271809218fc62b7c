"""Icons, themes, presets and the starter model, to be found through importlib.resources."""
