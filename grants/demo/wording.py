"""A small grammar: ``[a|b]`` is a choice, ``{word}`` a fact. The same random numbers give the same sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from random import Random

_CHOICE = re.compile(r"\[([^\[\]]+)\]")
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def capital(text: str) -> str:
    """With a capital at the beginning; the rest as it is."""
    return text[:1].upper() + text[1:]


def number(count: int) -> str:
    """Small numbers in words, as in running text."""
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def say(template: str, facts: Mapping[str, str], *, others: Sequence[str], rng: Random) -> str:
    """One sentence. ``others``: the partners of whom one is named at each ``{other}``. Raises KeyError.

    >>> say("[We|We] work with {other}.", {}, others=["ICA"], rng=Random(1))
    'We work with ICA.'
    """
    chosen = _CHOICE.sub(lambda found: rng.choice(found[1].split("|")), template)
    return capital(chosen.format(**{**facts, "other": rng.choice(others)}))


def paragraphs(sentences: Sequence[str], *, rng: Random, length: int = 4) -> list[str]:
    """The sentences in another order, a few to a paragraph; none is left alone."""
    mixed = rng.sample(sentences, len(sentences))
    cuts = list(range(0, len(mixed), length))
    if len(cuts) > 1 and len(mixed) - cuts[-1] < 2:
        cuts.pop()
    ends = [*cuts[1:], len(mixed)]
    return [" ".join(mixed[start:end]) for start, end in zip(cuts, ends, strict=True)]
