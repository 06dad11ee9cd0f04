"""Spells codes with the words of the NATO alphabet and of the digits, so that they can be heard."""

_WORDS = [
    "alpha",
    "bravo",
    "charlie",
    "delta",
    "echo",
    "foxtrot",
    "golf",
    "hotel",
    "india",
    "juliett",
    "kilo",
    "lima",
    "mike",
    "november",
    "oscar",
    "papa",
    "quebec",
    "romeo",
    "sierra",
    "tango",
    "uniform",
    "victor",
    "whiskey",
    "xray",
    "yankee",
    "zulu",
]
_DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_SPOKEN = {word[0]: word for word in _WORDS} | {str(value): word for value, word in enumerate(_DIGITS)}


class Spelling:
    """Spells codes. If the symbols are of both cases, the word "capital" is spoken before each capital letter.

    Source of the words: ICAO Annex 10, as commonly written.

    Args:
        symbols: The symbols of all codes of the set.
    """

    def __init__(self, symbols: str) -> None:
        self._has_capitals = symbols != symbols.lower()
        self._has_small = symbols != symbols.upper()

    @property
    def case(self) -> str:
        """The case of the letters, as a sentence; empty if there are no letters."""
        if self._has_capitals and self._has_small:
            return "The word capital comes before each capital letter; all others are small."
        if self._has_capitals:
            return "All letters are capitals."
        return "All letters are small." if self._has_small else ""

    def of(self, symbols: str) -> str:
        """Return the symbols as words."""
        return " ".join(self._word(symbol) for symbol in symbols)

    def _word(self, symbol: str) -> str:
        word = _SPOKEN.get(symbol.lower(), symbol)
        return f"capital {word}" if self._has_small and symbol.isupper() else word
