"""The words a payment order is described with (ISO 20022 mapping 1.3 to 1.8)."""

from enum import StrEnum


class PaymentType(StrEnum):
    """The road a payment takes from our account to the payee (mapping 1.3)."""

    NO_ACCOUNT = "no_account"
    NO_EXPRESS = "no_express"
    SE_BANKGIRO = "se_bankgiro"
    SE_PLUSGIRO = "se_plusgiro"
    SE_ACCOUNT = "se_account"
    DK_FIK = "dk_fik"
    DK_GIRO = "dk_giro"
    DK_ACCOUNT = "dk_account"
    FI_ACCOUNT = "fi_account"
    SEPA = "sepa"
    SEPA_INSTANT = "sepa_instant"
    CROSS_BORDER = "cross_border"
    US_WIRE = "us_wire"
    US_ACH = "us_ach"


class Scheme(StrEnum):
    """How an account number is named to the bank; BGNR, PGNR and OCR are written as proprietary schemes."""

    IBAN = "IBAN"
    BBAN = "BBAN"
    BGNR = "BGNR"
    PGNR = "PGNR"
    OCR = "OCR"


class ChargeBearer(StrEnum):
    """Who pays the fees, in the bank's words."""

    DEBT = "DEBT"
    CRED = "CRED"
    SHAR = "SHAR"
    SLEV = "SLEV"


class ReferenceKind(StrEnum):
    """Kinds of creditor reference; FIK and giro values carry their card kind (`71/123...`, `73/`)."""

    KID = "KID"
    OCR = "OCR"
    FIK = "FIK"
    FI = "FI"
    RF = "RF"


class CharacterSet(StrEnum):
    """BASIC is the SEPA and cross-border alphabet, NORDIC adds the letters of the domestic schemes."""

    BASIC = "basic"
    NORDIC = "nordic"


class Netting(StrEnum):
    """How invoices and credit notes of one supplier may be paid as one sum."""

    STRUCTURED = "structured"
    AS_TEXT = "as_text"
    NEVER = "never"


class WriteWhen(StrEnum):
    """When an optional element is written."""

    ALWAYS = "always"
    NOT_DOMESTIC = "not_domestic"
    NEVER = "never"


class SwedishGiro(StrEnum):
    """COMMON names the giro by clearing number 9900/9960, MPNS by the dialect with BGABSESS."""

    COMMON = "common"
    MPNS = "mpns"


class DanishGiro(StrEnum):
    """OCR writes `71/<id>` in the reference, IBK puts the card kind in the service level (IBK71)."""

    OCR = "ocr"
    IBK = "ibk"
