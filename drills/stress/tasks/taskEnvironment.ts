import type { StackUnderTest } from "../stackUnderTest";

/** scrypt's N in the lab, as a power of two: a hash takes well under a millisecond of CPU. */
export const LAB_HASH_LOG2_N = 4;

type Stack = Pick<StackUnderTest, "environment">;

/** How long the service lets a request take, in ms; its own default where the stack sets nothing (`service/settings`). */
export const requestTimeoutMs = ({ environment }: Stack): number =>
  Number(environment.REQUEST_TIMEOUT_MS) || 8_000;

/** How long the service waits for a connection, in ms; without limit where nothing is set. */
export const acquireTimeoutMs = ({ environment }: Stack): number =>
  Number(environment.DB_POOL_ACQUIRE_TIMEOUT_MS) || Number.POSITIVE_INFINITY;

/** What a lab's task is told differently from a deployed one; each of them is in the report. */
export interface TaskOverrides {
  readonly poolMax: number;
  readonly database: { readonly [variable: string]: string };
  readonly password: string;
}

/** The stack's own environment, with the lab's database in the place of the cloud's. */
export const taskEnvironment = (
  { environment }: Stack,
  { poolMax, database, password }: TaskOverrides,
): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  ...environment,
  ...database,
  PORT: "0",
  DB_AUTH: "password",
  DB_PASSWORD: password,
  DB_POOL_MAX: String(poolMax),
  SCRYPT_LOG2_N: String(LAB_HASH_LOG2_N),
});

/** What differs from the deployed environment, for the report; without values that are secret. */
export function differences({ environment: deployed }: Stack, poolMax: number): readonly string[] {
  return [
    "DB_HOST, DB_PORT, DB_SSL_CA: the lab's database and its throwaway certificate authority",
    `DB_AUTH=password instead of ${deployed.DB_AUTH ?? "iam"}`,
    `SCRYPT_LOG2_N=${LAB_HASH_LOG2_N} instead of ${deployed.SCRYPT_LOG2_N ?? "the service's default"}: hashing at production cost needs CPUs that the lab has not`,
    ...(String(poolMax) === deployed.DB_POOL_MAX
      ? []
      : [`DB_POOL_MAX=${poolMax} instead of ${deployed.DB_POOL_MAX}`]),
    ...(deployed.DB_CONNECTION === "proxy" ? ["no RDS Proxy: the tasks reach PostgreSQL directly"] : []),
  ];
}
