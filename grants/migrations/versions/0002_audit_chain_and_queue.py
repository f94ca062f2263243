"""The audit trail numbers, chains and protects itself; the queue's own schema.

The chain's rule is that of ``grants.audit.rules.event_hash``; a test holds the two equal.
"""

from __future__ import annotations

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CHAIN = """
CREATE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last audit_head%ROWTYPE;
BEGIN
  -- The lock on the head lets one transaction chain at a time, until it commits.
  SELECT * INTO STRICT last FROM audit_head WHERE id = 1 FOR UPDATE;
  NEW.number := last.number + 1;
  NEW.previous := last.hash;
  NEW.hash := encode(sha256(convert_to(
    NEW.number::text || chr(10) || NEW.previous || chr(10) || NEW.content, 'UTF8')), 'hex');
  UPDATE audit_head SET number = NEW.number, hash = NEW.hash WHERE id = 1;
  RETURN NEW;
END $$
"""
REFUSE = """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit trail is append-only';
END $$
"""


def upgrade() -> None:
    op.execute("INSERT INTO audit_head (id, number, hash) VALUES (1, 0, repeat('0', 64))")
    op.execute(CHAIN)
    op.execute(REFUSE)
    op.execute("CREATE TRIGGER audit_chain BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_chain()")
    op.execute(
        "CREATE TRIGGER audit_keep BEFORE UPDATE OR DELETE ON audit_event "
        "FOR EACH ROW EXECUTE FUNCTION audit_refuse()"
    )
    op.execute(
        "CREATE TRIGGER audit_keep_all BEFORE TRUNCATE ON audit_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
    )
    # The schema is SQL text with per cent signs: it goes to the driver as it is.
    op.get_bind().connection.cursor().execute(SchemaManager.get_schema().encode())


def downgrade() -> None:
    # Everything that procrastinate made carries its name.
    op.execute("""
    DO $$
    DECLARE thing record;
    BEGIN
      FOR thing IN SELECT tablename FROM pg_tables
                    WHERE schemaname = current_schema() AND tablename LIKE 'procrastinate%' LOOP
        EXECUTE format('DROP TABLE IF EXISTS %I CASCADE', thing.tablename);
      END LOOP;
      FOR thing IN SELECT p.oid::regprocedure AS signature FROM pg_proc p
                    WHERE p.pronamespace = current_schema()::regnamespace AND p.proname LIKE 'procrastinate%' LOOP
        EXECUTE 'DROP FUNCTION IF EXISTS ' || thing.signature || ' CASCADE';
      END LOOP;
      FOR thing IN SELECT t.typname FROM pg_type t
                    WHERE t.typnamespace = current_schema()::regnamespace
                      AND t.typname LIKE 'procrastinate%' AND t.typtype IN ('e', 'c') LOOP
        EXECUTE format('DROP TYPE IF EXISTS %I CASCADE', thing.typname);
      END LOOP;
    END $$
    """)
    op.execute("DROP TRIGGER audit_keep_all ON audit_event")
    op.execute("DROP TRIGGER audit_keep ON audit_event")
    op.execute("DROP TRIGGER audit_chain ON audit_event")
    op.execute("DROP FUNCTION audit_refuse")
    op.execute("DROP FUNCTION audit_chain")
    op.execute("DELETE FROM audit_head")
