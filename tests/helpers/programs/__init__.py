"""Small random programs, and what the reader says of them beside what Python computes."""
