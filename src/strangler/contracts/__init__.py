"""Contracts of a context that moves: what its clients rely on, as tests and documents."""
