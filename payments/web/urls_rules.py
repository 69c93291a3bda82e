"""Addresses of the matching rules: their order, words that are remembered, accounts of payers."""

from __future__ import annotations

from django.urls import path

from payments.web import matching_rules, payer_accounts, phrases

urlpatterns = [
    path("incoming/rules/", matching_rules.matching_rules, name="matching_rules"),
    path("incoming/rules/<str:rule>/switch/", matching_rules.switch_rule, name="switch_rule"),
    path("incoming/rules/<str:rule>/move/", matching_rules.move_rule, name="move_rule"),
    path("incoming/differences/", matching_rules.small_differences, name="small_differences"),
    path("incoming/words/new/", phrases.new_phrase, name="new_phrase"),
    path("incoming/words/<int:pk>/", phrases.change_phrase, name="change_phrase"),
    path("incoming/words/<int:pk>/switch/", phrases.switch_phrase, name="switch_phrase"),
    path("incoming/words/<int:pk>/remove/", phrases.remove_phrase, name="remove_phrase"),
    path("incoming/payers/", payer_accounts.payer_accounts, name="payer_accounts"),
    path("incoming/payers/<int:pk>/forget/", payer_accounts.forget_payer, name="forget_payer"),
]
