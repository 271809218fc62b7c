"""What is done with candidates besides looking at them: they are kept, found again, varied and painted together."""
