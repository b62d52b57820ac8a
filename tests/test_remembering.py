"""What is remembered, and what is not."""

from wcsanalytics.remembering import LONGEST, remembered


def test_short_words_are_asked_once_and_long_ones_each_time() -> None:
    asked: list[str | None] = []

    @remembered(8)
    def length(word: str | None) -> int:
        """How long a word is."""
        asked.append(word)
        return len(word or "")

    words = ["a", None, "b" * LONGEST, "c" * (LONGEST + 1)]
    answers = [length(word) for word in words * 2]

    assert answers == [1, 0, LONGEST, LONGEST + 1] * 2
    assert asked == [*words, words[-1]]
    assert length.__doc__ == "How long a word is."
