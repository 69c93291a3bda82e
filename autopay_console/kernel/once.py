"""What one reading request asks several times is asked once: the clock, the rates, our accounts, the forecast.

Only while a page is read (GET): then nothing changes between two questions of one page, and the page says one thing.
A request that changes something, a worker and a command ask anew every time; nothing is kept from one request to the
next.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

Answer = TypeVar("Answer")
_answers: ContextVar[dict[Hashable, Any] | None] = ContextVar("answers", default=None)


@contextmanager
def reading() -> Iterator[None]:
    """Inside, the same question is answered from memory; the memory ends with it."""
    token = _answers.set({})
    try:
        yield
    finally:
        _answers.reset(token)


def once(question: Hashable, ask: Callable[[], Answer]) -> Answer:
    """The answer to a question, asked again only outside `reading`. The question names all the answer depends on."""
    answers = _answers.get()
    if answers is None:
        return ask()
    if question not in answers:
        answers[question] = ask()
    found: Answer = answers[question]
    return found
