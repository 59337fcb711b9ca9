"""The names that things have in the log, made from their numbers and the seed alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingestion.simulator.draws import Ints, Words, scrambled

_EVENT, _EVENT_END, _VISITOR, _VISITOR_END, _VISIT, _PERSON, _USER = range(7)
_SALTS = 16


@dataclass(frozen=True)
class Identifiers:
    """Names of one world: logs of other seeds have others, so that they can be loaded together."""

    seed: int

    def event_ids(self, numbers: Ints) -> list[str]:
        """The message id of each number: in the form of a UUID, in the order of `id_order`."""
        return _uuids(self._words(numbers, _EVENT), self._words(numbers, _EVENT_END))

    def id_order(self, numbers: Ints) -> Words:
        """Words in whose order the message ids of these numbers sort."""
        return self._words(numbers, _EVENT)

    def anonymous_ids(self, visitors: Ints) -> list[str]:
        """The anonymous id of each visitor."""
        return _uuids(self._words(visitors, _VISITOR), self._words(visitors, _VISITOR_END))

    def user_ids(self, codes: Ints) -> list[str]:
        """The user id of each code: twice the person's number, and one more for a second id."""
        digits = _hex(self._words(codes, _USER))
        return [
            f"eu-{word}" if code % 2 else f"usr_{word}"
            for code, word in zip(codes.tolist(), digits, strict=True)
        ]

    def click_tokens(self, visits: Ints) -> list[str]:
        """16 hex digits for each visit: what its click ids are made of."""
        return _hex(self._words(visits, _VISIT))

    def recipients(self, people: Ints) -> list[str]:
        """8 hex digits that name each person in the links of mails."""
        return [digits[:8] for digits in _hex(self.personal_words(people))]

    def personal_words(self, people: Ints) -> Words:
        """A word for each person, for traits that are looked up again and again."""
        return self._words(people, _PERSON)

    def _words(self, numbers: Ints, kind: int) -> Words:
        return scrambled(numbers, self.seed * _SALTS + kind)


def _hex(words: Words) -> list[str]:
    digits = words.astype(">u8").tobytes().hex()
    return [digits[start : start + 16] for start in range(0, len(digits), 16)]


def _uuids(words: Words, ends: Words) -> list[str]:
    """UUIDs that differ and sort as `words` do; `ends` only fill them up."""
    digits = np.stack((words, ends), axis=1).astype(">u8").tobytes().hex()
    return [
        f"{digits[i : i + 8]}-{digits[i + 8 : i + 12]}-4{digits[i + 12 : i + 15]}"
        f"-a{digits[i + 15 : i + 18]}-{digits[i + 18 : i + 30]}"
        for i in range(0, len(digits), 32)
    ]
