"""Settings of the test run: the product's own, in test mode."""

import os
import tempfile

os.environ["AUTOPAY_MODE"] = "test"
os.environ.setdefault("AUTOPAY_VAR", tempfile.mkdtemp(prefix="autopay-tests-"))
os.environ.setdefault("LOG_LEVEL", "WARNING")
if os.environ.get("AUTOPAY_TEST_DATABASE"):
    os.environ["DATABASE_URL"] = os.environ["AUTOPAY_TEST_DATABASE"]

from autopay_console.settings import *  # noqa: F403

INSTALLED_APPS += ["allauth.socialaccount.providers.openid_connect"]  # noqa: F405  (as where a company login is set up)
