"""C3: the order in which Python looks up attributes in the bases of a class.

After Barrett and others, "A monotonic superclass linearization for Dylan" (OOPSLA 1996).
"""

from __future__ import annotations

from collections import Counter
from typing import TypeVar

Member = TypeVar("Member")


def merge(sequences: list[list[Member]]) -> list[Member]:
    """The first head that stands in no tail comes next; depth first where the source allows no order."""
    sequences = [s for s in sequences if s]
    if len(sequences) == 2 and sequences[1] == sequences[0][:1]:
        return sequences[0]  # a single parent
    tails = Counter(id(member) for s in sequences for member in s[1:])
    at = [0] * len(sequences)
    taken: set[int] = set()
    merged: list[Member] = []
    while True:
        heads = []
        for n, sequence in enumerate(sequences):
            while at[n] < len(sequence) and id(sequence[at[n]]) in taken:
                at[n] += 1
                if at[n] < len(sequence):
                    tails[id(sequence[at[n]])] -= 1
            if at[n] < len(sequence):
                heads.append(sequence[at[n]])
        if not heads:
            return merged
        head = next((one for one in heads if not tails[id(one)]), heads[0])
        taken.add(id(head))
        merged.append(head)
