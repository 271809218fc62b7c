"""Pure functions round a generation: from selection to job, from result to edit."""
