"""Code that is copied into a service: it runs there, with the service's framework, and not here."""
