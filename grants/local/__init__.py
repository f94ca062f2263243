"""What a machine without services needs: an embedded PostgreSQL, a mail catcher, one command for all."""
