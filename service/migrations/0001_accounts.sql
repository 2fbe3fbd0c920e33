-- Up Migration

CREATE TABLE users (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  -- In the one spelling that the service makes of a name (auth/username.ts).
  username      text NOT NULL UNIQUE CHECK (length(username) BETWEEN 1 AND 254),
  password_hash text NOT NULL CHECK (password_hash LIKE '$scrypt$%'),
  created_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE sessions (
  -- SHA-256 of the token: who reads this table cannot log in with it.
  token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
  user_id    uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Down Migration

DROP TABLE sessions;
DROP TABLE users;
