import type { Situation } from "../situation";
import { ACQUIRE_TIMEOUT } from "./acquireTimeout";
import { ALARM_ACTIONABLE } from "./alarmActionable";
import { ALARM_SHAPE } from "./alarmShape";
import { ALARMS_PRESENT } from "./alarmsPresent";
import { ALARM_THRESHOLD } from "./alarmThreshold";
import { CONNECTION_BUDGET } from "./connectionBudget";
import { CONNECTION_LOGGING } from "./connectionLogging";
import { COVERAGE } from "./coverage";
import { DATABASE_SATURATION } from "./databaseSaturation";
import { DEMAND_DECLARED } from "./demandDeclared";
import { DRAIN_ORDER } from "./drainOrder";
import { IDLE_IN_TRANSACTION } from "./idleInTransaction";
import { IDLE_ORDER } from "./idleOrder";
import { KEEP_ALIVE_ORDER } from "./keepAliveOrder";
import { MAX_CONNECTIONS } from "./maxConnections";
import { MEMORY_FOR_CONNECTIONS } from "./memoryForConnections";
import { OWN_PARAMETER_GROUP } from "./ownParameterGroup";
import { PARAMETER_GROUP_FAMILY } from "./parameterGroupFamily";
import { PARAMETER_VALUES } from "./parameterValues";
import { PENDING_REBOOT_ORDER } from "./pendingRebootOrder";
import { POOL_FLOOR } from "./poolFloor";
import { PROXY_BOUNDS } from "./proxyBounds";
import { RECONNECT_STORM } from "./reconnectStorm";
import { SETTINGS } from "./settings";
import { TIMEOUT_ORDER } from "./timeoutOrder";
import { TLS_REQUIRED } from "./tlsRequired";
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
