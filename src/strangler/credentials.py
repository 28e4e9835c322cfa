"""Credentials in a text, by their shape alone: what nobody writes who means anything else."""

from __future__ import annotations

import re

MASK = "***"
SHAPES: tuple[tuple[str, tuple[str, ...]], ...] = (
    # user and password of an address
    (r"(?<=://)[^\s/@:\"'<>]{0,200}:[^\s/@\"'<>]{1,200}(?=@)", ("://",)),
    (
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----.*?"
        r"(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\Z)",
        ("PRIVATE KEY",),
    ),
    (r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]+\.[\w-]+", ("eyJ",)),  # JSON web token
    (r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b", ("AKIA", "ASIA")),  # AWS
    (r"\b(?:sk|rk|pk)_(?:live|test)_[0-9A-Za-z]{10,}", ("k_live_", "k_test_")),  # Stripe
    (
        r"\b(?:gh[oprsu]_|github_pat_|glpat-|npm_|pypi-|hf_|dop_v1_|shpat_)[\w-]{16,}",
        ("gh", "glpat-", "npm_", "pypi-", "hf_", "dop_v1_", "shpat_"),
    ),
    (r"\bxox[abeprs]-[\w-]{8,}", ("xox",)),  # Slack
    (r"\bAIza[\w-]{30,}", ("AIza",)),  # Google
    (r"\bSG\.[\w-]{16,}\.[\w-]{16,}", ("SG.",)),  # SendGrid
    (r"\bsk-(?:[a-z]+-)*[\w-]{20,}", ("sk-",)),  # OpenAI, Anthropic
)
"""Expressions, and texts of which one stands in whatever they match: most texts hold few of them."""
_ANY = re.compile("|".join(shape for shape, _ in SHAPES), re.DOTALL)


def without_credentials(text: str) -> str:
    """The text with `MASK` in place of each credential."""
    if any(sign in text for _, signs in SHAPES for sign in signs):
        return _ANY.sub(MASK, text)
    return text
