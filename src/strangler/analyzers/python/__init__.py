"""The Python part of the analysis: a compact form of the source, and an abstract interpreter over it."""
