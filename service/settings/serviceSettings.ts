import { type PoolSettings, readPoolSettings } from "../poolSettings";
import { type DatabaseSettings, readDatabaseSettings } from "./databaseSettings";
import {
  choice,
  type Environment,
  EnvironmentError,
  readTogether,
  readVariables,
  wholeNumber,
} from "./environment";

/** Cost below which no production database gets a hash: with five passes, one of OWASP's settings for scrypt. */
export const PRODUCTION_LOG2_N = 14;

export const SERVER_VARIABLES = {
  NODE_ENV: choice(
    ["production", "development", "test"],
    "Node.js libraries read it; a deployed service uses production",
  ),
  PORT: {
    schema: wholeNumber(0, 65_535),
    expected: "a port from 1 to 65535, or 0 for a free one",
    consequence: "it is the port of the service",
    example: "8080",
  },
  SCRYPT_LOG2_N: {
    schema: wholeNumber(4, 20),
    expected: "an integer from 4 to 20",
    consequence: "it is the cost of a password hash, as a power of two",
    example: String(PRODUCTION_LOG2_N),
  },
} as const;

/** Everything the service reads from its environment. */
export interface ServiceSettings {
  readonly port: number;
  /** Cost of a password hash: scrypt's N as a power of two. */
  readonly hashLog2N: number;
  readonly pool: PoolSettings;
  readonly database: DatabaseSettings;
}

/**
 * Reads the whole environment, once.
 * @throws {EnvironmentError} with every problem, one line each
 */
export function readServiceSettings(environment: Environment): ServiceSettings {
  const { server, pool, database } = readTogether({
    server: () => readVariables(environment, SERVER_VARIABLES),
    pool: () => readPoolSettings(environment),
    database: () => readDatabaseSettings(environment),
  });
  const hashLog2N = server.SCRYPT_LOG2_N;
  if (database.credentials.kind === "iam" && hashLog2N < PRODUCTION_LOG2_N) {
    throw new EnvironmentError([
      `SCRYPT_LOG2_N is ${hashLog2N}, below ${PRODUCTION_LOG2_N}: such cheap hashes can be cracked, and are allowed only in a lab (DB_AUTH=password). Set it to ${PRODUCTION_LOG2_N}.`,
    ]);
  }
  return { port: server.PORT, hashLog2N, pool, database };
}
