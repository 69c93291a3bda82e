"""What can go wrong between console and gateway, told apart so that a person mends the right thing.

`surely_not_taken` decides what becomes of an upload: only when it is True may the file count as never sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integration.gateway.reasons import SAID, sentence


class GatewayError(Exception):
    """A call to the gateway did not give its answer.

    `facts` are what its sentence names (`reasons.py`), so that it can be kept and told in the reader's language; of a
    `text` said by somebody else the words themselves are kept.
    """

    surely_not_taken = False
    code = "gateway"

    def __init__(
        self, text: str = "", code: str = "", status: int | None = None, *, facts: Mapping[str, Any] | None = None
    ) -> None:
        self.code = code or self.code
        self.facts = dict(facts or {}) or ({SAID: text} if text else {})
        self.status = status
        super().__init__(self.code, self.facts)

    @property
    def text(self) -> str:
        """What went wrong, as a sentence in the language in force."""
        return sentence(self.code, self.facts)

    def __str__(self) -> str:
        return self.text


class Unreachable(GatewayError):
    """Nothing listens at that address and port: the call never left."""

    surely_not_taken = True
    code = "unreachable"


class RefusedConnection(Unreachable):
    """The machine is there and refuses: nothing listens on that port, or not for callers from another machine."""


class Unavailable(GatewayError):
    """The line broke, time ran out or the gateway said "later": nobody knows whether the call was carried out."""

    code = "unavailable"

    def __init__(
        self,
        text: str = "",
        code: str = "",
        status: int | None = None,
        *,
        facts: Mapping[str, Any] | None = None,
        retry_after: int = 0,
    ) -> None:
        super().__init__(text, code, status, facts=facts)
        self.retry_after = retry_after


class Malformed(GatewayError):
    """An answer came that cannot be read or does not bear the gateway's signature: it proves nothing."""

    code = "malformed-answer"


class Refused(GatewayError):
    """The gateway understood and said no, with a stable code and a sentence."""

    surely_not_taken = True
    code = "refused"


class WrongKey(GatewayError):
    """The gateway does not accept the company's signature: key, organisation number or clock differ."""

    surely_not_taken = True
    code = "wrong-key"


class WrongCredentials(GatewayError):
    """Right gateway, wrong gateway user or password."""

    surely_not_taken = True
    code = "wrong-credentials"


class WrongPath(GatewayError):
    """The gateway is there, but the path is not (forgotten or doubled /OPGatewayService/)."""

    code = "unknown-path"


class WrongService(GatewayError):
    """Something answers that is no gateway."""

    code = "wrong-service"
