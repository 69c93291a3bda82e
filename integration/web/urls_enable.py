"""Addresses of Enable Visma.net, Integrated companies and the activation wizard."""

from __future__ import annotations

from autopay_console.kernel.pages import pages_of

page = pages_of("integration.web")
urlpatterns = [
    page("setup/enable/", "enable.enable", name="enable"),
    page("setup/enable/lights/", "enable.lights", name="enable_lights"),
    page("setup/enable/states/", "enable.states", name="enable_states"),
    page("setup/enable/export/", "enable.export", name="enable_export"),
    page("setup/enable/save/", "enable_setup.save", name="enable_save"),
    page("setup/enable/try/", "enable_setup.try_it", name="enable_try"),
    page("setup/enable/certificate/", "enable_setup.upload_certificate", name="upload_certificate"),
    page("setup/company/enable/", "enable.company_enable", name="company_enable"),
    page("setup/company/enable/lights/", "enable.company_lights", name="company_enable_lights"),
    page("setup/company/enable/states/", "enable.company_states", name="company_enable_states"),
    page("setup/company/enable/export/", "enable.company_export", name="company_enable_export"),
    page("setup/integrated/", "integrated.integrated", name="integrated"),
    page("setup/integrated/<int:pk>/key/", "keys.enter_key", name="enter_key"),
    page("setup/integrated/<int:pk>/new-key/", "keys.rotate_key", name="rotate_key"),
    page("setup/company/integrated/", "integrated.company_integrated", name="company_integrated"),
    page("setup/company/key/", "keys.company_enter_key", name="company_enter_key"),
    page("setup/company/new-key/", "keys.company_rotate_key", name="company_rotate_key"),
    page("setup/activation/", "wizard.activate", name="activation"),
    page("setup/activation/<uuid:pk>/failed/", "wizard.failed_list", name="activation_failed"),
    page("setup/activation/<uuid:pk>/<slug:step>/", "wizard.step", name="activation_step"),
]
