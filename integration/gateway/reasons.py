"""Why a call to the gateway gave no answer, as a sentence: kept as a code with facts, told in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

SAID = "said"  # a sentence of somebody else: kept and shown as it came
SENTENCES = {
    "unreachable": gettext_lazy("Nothing answers at %(address)s: %(error)s."),
    "no-address": gettext_lazy("System information has no gateway address."),
    "bad-address": gettext_lazy("The gateway address %(address)s cannot be used: %(error)s."),
    "broken-line": gettext_lazy("The line to the gateway broke: %(error)s."),
    "no-tls": gettext_lazy("%(address)s does not speak https. Write http://, or set the gateway up for https."),
    "failed-call": gettext_lazy("The call to the gateway failed: %(error)s."),
    "timeout": gettext_lazy("The gateway did not answer within %(seconds)s s."),
    "wrong-service": gettext_lazy(
        "Something answers there that is no gateway. Check server and port of the gateway address."
    ),
    "no-key": gettext_lazy("The company has no signing key yet: export it to Visma.net, or enter its key."),
    "bad-key": gettext_lazy("%(error)s Export the company again, or enter its key."),
    "broken-answer": gettext_lazy("The answer broke off before its end."),
    "too-large": gettext_lazy("The answer is larger than %(limit)s bytes."),
    "digest-mismatch": gettext_lazy("The answer's body is not the one that was signed."),
    "replayed-answer": gettext_lazy("This answer was heard before: a replay."),
    "unsigned": gettext_lazy("The answer is not signed, so it proves nothing: %(words)s"),
    "not-json": gettext_lazy("The answer is not JSON."),
    "no-object": gettext_lazy("The answer is no JSON object."),
    "odd-status": gettext_lazy("The gateway answered with the odd status %(status)s."),
}

# What the gateway says with these codes of the protocol is known here in every language
PROTOCOL = {
    "wrong-credentials": gettext_lazy("The gateway does not accept this user and password."),
    "authentication-required": gettext_lazy("The gateway asks for a user and password."),
}


def sentence(code: str, facts: Mapping[str, Any]) -> str:
    """The reason in the language in force. Facts of another version are no fault: then the code has to do."""
    if code in PROTOCOL:
        return str(PROTOCOL[code])
    if SAID in facts:
        return str(facts[SAID])
    try:
        return str(SENTENCES[code]) % facts
    except KeyError:
        if "status" in facts:
            return _("The gateway answered %(status)s.") % facts
        return _("The gateway gave no answer that can be used (%(code)s).") % {"code": code or "–"}
