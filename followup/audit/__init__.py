"""What was done and who read what; append-only."""
