import { type DatabaseEngine, isPostgres } from "./engines";

/**
 * Memory that AWS itself reckons with for each connection, in bytes: the divisors of RDS's default formulas
 * (Amazon RDS User Guide, CHAP_Limits). A PostgreSQL connection is a process with caches of its own, of 5 to 10 MB
 * in use beside shared buffers; MariaDB's own divisor is twice MySQL's and keeps room for its larger buffers, so
 * MySQL's, the lower one, says what cannot fit. Aurora MySQL's default grows by a logarithm, which says what is
 * sensible and not what fits; MySQL's stands in.
 */
export const BYTES_PER_CONNECTION = { postgres: 9_531_392, mysql: 12_582_880 } as const;

/**
 * The most connections that a class with `memoryBytes` can carry: what AWS would give it by default, without the
 * cap on that default. The whole memory counts, of which every instance has less, so that nothing is above it by
 * the doubt in an estimate alone.
 *
 * A limit set by hand stays where it is when the class shrinks: Buildkite's database did not take logins after it
 * was moved to a smaller class (post-mortem of 23 August 2016).
 */
export function connectionsForMemory(engine: DatabaseEngine, memoryBytes: number): number {
  return Math.floor(memoryBytes / bytesPerConnection(engine));
}

/** Memory of the smallest class that carries this many connections, in bytes. */
export function memoryForConnections(engine: DatabaseEngine, connections: number): number {
  return connections * bytesPerConnection(engine);
}

const bytesPerConnection = (engine: DatabaseEngine): number =>
  isPostgres(engine) ? BYTES_PER_CONNECTION.postgres : BYTES_PER_CONNECTION.mysql;
