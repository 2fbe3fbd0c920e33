-- Up Migration

-- A role belongs to the whole server: another database of it may have made it already.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'auth_app') THEN
    CREATE ROLE auth_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION;
  END IF;
  -- On RDS a login with an IAM token needs this membership (RDS User Guide, "Creating a database account using IAM
  -- authentication"); elsewhere the role does not exist.
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_iam') THEN
    GRANT rds_iam TO auth_app;
  END IF;
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO auth_app', current_database());
END
$$;

-- What the service does, and nothing else: it reads accounts, and sessions come and go.
GRANT USAGE ON SCHEMA public TO auth_app;
GRANT SELECT (id, username, password_hash) ON users TO auth_app;
GRANT SELECT, INSERT, DELETE ON sessions TO auth_app;

-- Down Migration

REVOKE ALL ON users, sessions FROM auth_app;
REVOKE ALL ON SCHEMA public FROM auth_app;
