"""Messages between window and engine, and their framing. Knows neither Qt nor torch."""
