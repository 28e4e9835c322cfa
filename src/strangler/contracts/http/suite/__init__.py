"""What is copied into a generated suite."""
