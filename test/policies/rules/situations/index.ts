import type { Situation } from "../situation";
import { ALARM_ACTIONABLE } from "./alarms/alarmActionable";
import { ALARM_SHAPE } from "./alarms/alarmShape";
import { ALARMS_PRESENT } from "./alarms/alarmsPresent";
import { ALARM_THRESHOLD } from "./alarms/alarmThreshold";
import { COVERAGE } from "./config/coverage";
import { SETTINGS } from "./config/settings";
import { CONNECTION_LOGGING } from "./database/connectionLogging";
import { DATABASE_SATURATION } from "./database/databaseSaturation";
import { MAX_CONNECTIONS } from "./database/maxConnections";
import { MEMORY_FOR_CONNECTIONS } from "./database/memoryForConnections";
import { OWN_PARAMETER_GROUP } from "./database/ownParameterGroup";
import { PARAMETER_GROUP_FAMILY } from "./database/parameterGroupFamily";
import { PARAMETER_VALUES } from "./database/parameterValues";
import { PENDING_REBOOT_ORDER } from "./database/pendingRebootOrder";
import { TLS_REQUIRED } from "./database/tlsRequired";
import { ACQUIRE_TIMEOUT } from "./pools/acquireTimeout";
import { CONNECTION_BUDGET } from "./pools/connectionBudget";
import { DEMAND_DECLARED } from "./pools/demandDeclared";
import { POOL_FLOOR } from "./pools/poolFloor";
import { RECONNECT_STORM } from "./pools/reconnectStorm";
import { PROXY_BOUNDS } from "./proxy/proxyBounds";
import { DRAIN_ORDER } from "./timeouts/drainOrder";
import { IDLE_IN_TRANSACTION } from "./timeouts/idleInTransaction";
import { IDLE_ORDER } from "./timeouts/idleOrder";
import { KEEP_ALIVE_ORDER } from "./timeouts/keepAliveOrder";
import { TIMEOUT_ORDER } from "./timeouts/timeoutOrder";
import { UNDECIDED } from "./undecided";

/** By the policy that judges them, in the pack's order: what `situations.test.ts` and `messages.test.ts` read. */
export const SITUATIONS: { readonly [rule: string]: readonly Situation[] } = {
  "poolproof-settings": SETTINGS,
  "pool-floor": POOL_FLOOR,
  "connection-budget": CONNECTION_BUDGET,
  "max-connections": MAX_CONNECTIONS,
  "memory-for-connections": MEMORY_FOR_CONNECTIONS,
  "acquire-timeout": ACQUIRE_TIMEOUT,
  "timeout-order": TIMEOUT_ORDER,
  "proxy-bounds": PROXY_BOUNDS,
  "idle-order": IDLE_ORDER,
  "idle-in-transaction": IDLE_IN_TRANSACTION,
  "drain-order": DRAIN_ORDER,
  "keep-alive-order": KEEP_ALIVE_ORDER,
  "reconnect-storm": RECONNECT_STORM,
  "pending-reboot-order": PENDING_REBOOT_ORDER,
  "parameter-values": PARAMETER_VALUES,
  "parameter-group-family": PARAMETER_GROUP_FAMILY,
  "own-parameter-group": OWN_PARAMETER_GROUP,
  "tls-required": TLS_REQUIRED,
  "connection-logging": CONNECTION_LOGGING,
  "database-saturation": DATABASE_SATURATION,
  "alarms-present": ALARMS_PRESENT,
  "alarm-shape": ALARM_SHAPE,
  "alarm-threshold": ALARM_THRESHOLD,
  "alarm-actionable": ALARM_ACTIONABLE,
  "demand-declared": DEMAND_DECLARED,
  coverage: COVERAGE,
  undecided: UNDECIDED,
};
