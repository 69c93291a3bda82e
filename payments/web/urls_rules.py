"""Addresses of the matching rules: their order, words that are remembered, accounts of payers."""

from __future__ import annotations

from autopay_console.kernel.pages import pages_of

page = pages_of("payments.web")
urlpatterns = [
    page("incoming/rules/", "matching_rules.matching_rules", name="matching_rules"),
    page("incoming/rules/<str:rule>/switch/", "matching_rules.switch_rule", name="switch_rule"),
    page("incoming/rules/<str:rule>/move/", "matching_rules.move_rule", name="move_rule"),
    page("incoming/differences/", "matching_rules.small_differences", name="small_differences"),
    page("incoming/words/new/", "phrases.new_phrase", name="new_phrase"),
    page("incoming/words/<int:pk>/", "phrases.change_phrase", name="change_phrase"),
    page("incoming/words/<int:pk>/switch/", "phrases.switch_phrase", name="switch_phrase"),
    page("incoming/words/<int:pk>/remove/", "phrases.remove_phrase", name="remove_phrase"),
    page("incoming/payers/", "payer_accounts.payer_accounts", name="payer_accounts"),
    page("incoming/payers/<int:pk>/forget/", "payer_accounts.forget_payer", name="forget_payer"),
]
