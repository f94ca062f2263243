"""People: registration, sign-in, sessions, profile and roles."""
