"""Addresses of Enable Visma.net, Integrated companies and the activation wizard."""

from __future__ import annotations

from django.urls import path

from integration.web import enable, enable_setup, integrated, keys, wizard

urlpatterns = [
    path("setup/enable/", enable.enable, name="enable"),
    path("setup/enable/lights/", enable.lights, name="enable_lights"),
    path("setup/enable/states/", enable.states, name="enable_states"),
    path("setup/enable/export/", enable.export, name="enable_export"),
    path("setup/enable/save/", enable_setup.save, name="enable_save"),
    path("setup/enable/try/", enable_setup.try_it, name="enable_try"),
    path("setup/enable/certificate/", enable_setup.upload_certificate, name="upload_certificate"),
    path("setup/company/enable/", enable.company_enable, name="company_enable"),
    path("setup/company/enable/lights/", enable.company_lights, name="company_enable_lights"),
    path("setup/company/enable/states/", enable.company_states, name="company_enable_states"),
    path("setup/company/enable/export/", enable.company_export, name="company_enable_export"),
    path("setup/integrated/", integrated.integrated, name="integrated"),
    path("setup/integrated/<int:pk>/key/", keys.enter_key, name="enter_key"),
    path("setup/integrated/<int:pk>/new-key/", keys.rotate_key, name="rotate_key"),
    path("setup/company/integrated/", integrated.company_integrated, name="company_integrated"),
    path("setup/company/key/", keys.company_enter_key, name="company_enter_key"),
    path("setup/company/new-key/", keys.company_rotate_key, name="company_rotate_key"),
    path("setup/activation/", wizard.activate, name="activation"),
    path("setup/activation/<uuid:pk>/failed/", wizard.failed_list, name="activation_failed"),
    path("setup/activation/<uuid:pk>/<slug:step>/", wizard.step, name="activation_step"),
]
