import type { ConnectionPool } from "../pool/connectionPool";

export interface Session {
  readonly userId: string;
  readonly expiresAt: Date;
}

/** How long a login lasts. */
export const SESSION_SECONDS = 12 * 60 * 60;

/** Writes a session and clears the user's expired ones; one acquisition, one statement. */
export async function createSession(
  pool: ConnectionPool,
  userId: string,
  tokenHash: Buffer,
): Promise<Session> {
  const { rows } = await pool.use((client) =>
    client.query<{ expires_at: Date }>(
      `WITH expired AS (DELETE FROM sessions WHERE user_id = $2 AND expires_at <= now())
       INSERT INTO sessions (token_hash, user_id, expires_at)
       VALUES ($1, $2, now() + make_interval(secs => $3))
       RETURNING expires_at`,
      [tokenHash, userId, SESSION_SECONDS],
    ),
  );
  const [written] = rows;
  if (written === undefined) throw new Error("the database stored no session and reported no error");
  return { userId, expiresAt: written.expires_at };
}

/** The session of that token, unless it has expired; one acquisition. */
export async function findSession(pool: ConnectionPool, tokenHash: Buffer): Promise<Session | undefined> {
  const { rows } = await pool.use((client) =>
    client.query<{ user_id: string; expires_at: Date }>(
      "SELECT user_id, expires_at FROM sessions WHERE token_hash = $1 AND expires_at > now()",
      [tokenHash],
    ),
  );
  const [found] = rows;
  return found && { userId: found.user_id, expiresAt: found.expires_at };
}

/** Ends a session; one acquisition. That there was none is no error: it is gone either way. */
export async function deleteSession(pool: ConnectionPool, tokenHash: Buffer): Promise<void> {
  await pool.use((client) => client.query("DELETE FROM sessions WHERE token_hash = $1", [tokenHash]));
}
