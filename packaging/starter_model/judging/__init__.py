"""A judge of the starter model that is not the model: a small classifier of drawn pictures, and what it measures."""
