"""The site: settings, addresses, worker application, shared kernel."""
