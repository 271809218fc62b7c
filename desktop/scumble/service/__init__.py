"""The object that the window talks to: the model service on its own thread, its queue, its link to the engine."""
