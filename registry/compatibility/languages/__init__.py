"""Regular languages of the patterns in schemas: a word that fits some and not others, or none.

`pattern` as ECMA-262 means it with the flag `u`: it may match anywhere, `^` and `$` are the ends of
the text, lengths count code points. Texts are taken as Unicode scalar values, without surrogates.
"""

from registry.compatibility.languages.matching import matches
from registry.compatibility.languages.reading import Unreadable
from registry.compatibility.languages.words import NoWord, TooHard, Words, find_words, included

__all__ = ["NoWord", "TooHard", "Unreadable", "Words", "find_words", "included", "matches"]
