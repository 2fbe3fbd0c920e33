import type { PasswordHasher } from "../auth/passwordHash";
import type { LoginMetrics } from "../metrics/loginMetrics";
import type { ConnectionPool } from "../pool/connectionPool";
import type { ServiceSettings } from "../settings/serviceSettings";
import type { FailureLog } from "./failureLog";
import type { Readiness } from "./readiness";

/** What the routes work with. */
export interface AppContext {
  readonly settings: ServiceSettings;
  readonly pool: ConnectionPool;
  readonly hasher: PasswordHasher;
  readonly logins: LoginMetrics;
  readonly readiness: Readiness;
  readonly failures: FailureLog;
}
