"""The verbs of the command line: one file a verb, thin; heavy modules are imported inside the functions."""
