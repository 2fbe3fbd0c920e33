/** What a stack would set, with a lab's way to log in. */
export const ENVIRONMENT = {
  NODE_ENV: "test",
  PORT: "0",
  WEB_CONCURRENCY: "1",
  DB_HOST: "localhost",
  DB_PORT: "5432",
  DB_NAME: "auth",
  DB_USER: "auth_app",
  DB_AUTH: "password",
  DB_PASSWORD: "password-of-the-role",
  DB_CONNECTION: "direct",
  DB_POOL_NAME: "auth-test",
  DB_POOL_MAX: "4",
  DB_POOL_ACQUIRE_TIMEOUT_MS: "1000",
  DB_POOL_IDLE_TIMEOUT_MS: "30000",
  DB_POOL_MAX_LIFETIME_MS: "1800000",
  DB_POOL_QUEUE_MAX: "64",
  DB_LOCK_TIMEOUT_MS: "1500",
  DB_STATEMENT_TIMEOUT_MS: "2000",
  DB_QUERY_TIMEOUT_MS: "2500",
  DB_IDLE_IN_TRANSACTION_TIMEOUT_MS: "10000",
  REQUEST_TIMEOUT_MS: "8000",
  HTTP_KEEP_ALIVE_TIMEOUT_MS: "75000",
  SCRYPT_LOG2_N: "4",
} as const satisfies { readonly [name: string]: string };

export type Change = { readonly [name: string]: string };
