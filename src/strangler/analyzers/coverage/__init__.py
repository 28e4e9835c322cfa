"""The coverage ledger: what of the monolith was not understood, and which rows of the model that weakens."""
