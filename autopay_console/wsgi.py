"""The web server's entry."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "autopay_console.settings")

gc.disable()  # loading leaves no garbage; collecting begins when the apps are loaded (autopay_console.apps)
application = get_wsgi_application()
