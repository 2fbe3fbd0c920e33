import { alarmActionable } from "./alarms/alarmActionable";
import { alarmShape } from "./alarms/alarmShape";
import { alarmsPresent } from "./alarms/alarmsPresent";
import { alarmThreshold } from "./alarms/alarmThreshold";
import { coverage } from "./config/coverage";
import { connectionLogging } from "./database/connectionLogging";
import { databaseSaturation } from "./database/databaseSaturation";
import { maxConnections } from "./database/maxConnections";
import { memoryForConnections } from "./database/memoryForConnections";
import { ownParameterGroup } from "./database/ownParameterGroup";
import { parameterGroupFamily } from "./database/parameterGroupFamily";
import { parameterValues } from "./database/parameterValues";
import { pendingRebootOrder } from "./database/pendingRebootOrder";
import { tlsRequired } from "./database/tlsRequired";
import { acquireTimeout } from "./pools/acquireTimeout";
import { connectionBudget } from "./pools/connectionBudget";
import { demandDeclared } from "./pools/demandDeclared";
import { poolFloor } from "./pools/poolFloor";
import { reconnectStorm } from "./pools/reconnectStorm";
import { proxyBounds } from "./proxy/proxyBounds";
import type { Rule } from "./rule";
import { drainOrder } from "./timeouts/drainOrder";
import { idleInTransaction } from "./timeouts/idleInTransaction";
import { idleOrder } from "./timeouts/idleOrder";
import { keepAliveOrder } from "./timeouts/keepAliveOrder";
import { timeoutOrder } from "./timeouts/timeoutOrder";

/** Every rule, in the order reports list them: what failed on the day first. */
export const RULES: readonly Rule[] = [
  poolFloor,
  connectionBudget,
  maxConnections,
  memoryForConnections,
  acquireTimeout,
  timeoutOrder,
  proxyBounds,
  idleOrder,
  idleInTransaction,
  drainOrder,
  keepAliveOrder,
  reconnectStorm,
  pendingRebootOrder,
  parameterValues,
  parameterGroupFamily,
  ownParameterGroup,
  tlsRequired,
  connectionLogging,
  databaseSaturation,
  alarmsPresent,
  alarmShape,
  alarmThreshold,
  alarmActionable,
  demandDeclared,
  coverage,
];
