"""Vietnamese text on two levels.

*Clean* is what the archive stores: one encoding, NFC, plain spaces, the publisher's spelling. *Normalised* is
what search and matching compare: clean, with one tone placement. `fold` takes the marks off as well.
"""

from pipelines.text.cleaning import clean, clean_line, repair
from pipelines.text.forms import NORMALISER_VERSION, fold, normalise
from pipelines.text.judging import language, text_flags
from pipelines.text.syllables import is_syllable, syllable_validity

__all__ = [
    "NORMALISER_VERSION",
    "clean",
    "clean_line",
    "fold",
    "is_syllable",
    "language",
    "normalise",
    "repair",
    "syllable_validity",
    "text_flags",
]
