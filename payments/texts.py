"""Fee and declaration codes become words: Text type 130 and 131 (domain facts 1.8)."""

from __future__ import annotations

from companies.choices import FeeCode, TextType
from companies.models import BankPartner, Company, TextRow


def fee_texts(company: Company) -> dict[int, str]:
    """Text type 130 in the company's language, by fee code."""
    rows = TextRow.objects.filter(company=company, type=TextType.FEE_CODE, language=company.language)
    return dict(rows.values_list("number", "text"))


def foreign_costs(company: Company, partner: BankPartner) -> dict[int, str]:
    """Foreign cost by the code on the line: the text, or the number when the row is missing or "Numeric cost code".

    A line without a code follows the bank partner's; when neither has one there is nothing to say.
    """
    texts = {} if partner.numeric_cost_code else fee_texts(company)
    costs = {code: texts.get(code, str(code)) for code in FeeCode.values}
    standard = partner.fee_code
    costs[FeeCode.DEFAULT] = costs[standard] if standard else texts.get(FeeCode.DEFAULT, "")
    return costs


def declaration_texts(company: Company) -> dict[str, str]:
    """Text type 131 in the company's language, by declaration code as written (14, 101)."""
    rows = TextRow.objects.filter(company=company, type=TextType.DECLARATION, language=company.language)
    return {str(number): text for number, text in rows.values_list("number", "text")}
