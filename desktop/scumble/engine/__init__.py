"""The other process: jobs, plugin host, models, sampling. The only room that imports torch, and lazily."""
