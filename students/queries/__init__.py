"""What the pages about pupils show: small dataclasses, one question each."""
