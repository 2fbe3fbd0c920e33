import type { ConnectionPool } from "../pool/connectionPool";

export interface Account {
  readonly id: string;
  readonly passwordHash: string;
}

/**
 * The account of that name, in its one spelling; one acquisition. Statements have no name on purpose: a named one pins a session of an RDS
 * Proxy to its connection.
 */
export async function findAccount(pool: ConnectionPool, username: string): Promise<Account | undefined> {
  const { rows } = await pool.use((client) =>
    client.query<{ id: string; password_hash: string }>(
      "SELECT id, password_hash FROM users WHERE username = $1",
      [username],
    ),
  );
  const [found] = rows;
  return found && { id: found.id, passwordHash: found.password_hash };
}
