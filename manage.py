#!/usr/bin/env python
"""Django's command line for the console."""

import gc
import os
import sys


def main() -> None:
    gc.disable()  # loading leaves no garbage; collecting begins when the apps are loaded (autopay_console.apps)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "autopay_console.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:  # a sentence for whoever installs, instead of where it was noticed
        sys.exit(f"The configuration is not right: {error}")


if __name__ == "__main__":
    main()
