import { acquireTimeout } from "./acquireTimeout";
import { alarmActionable } from "./alarmActionable";
import { alarmShape } from "./alarmShape";
import { alarmsPresent } from "./alarmsPresent";
import { alarmThreshold } from "./alarmThreshold";
import { connectionBudget } from "./connectionBudget";
import { connectionLogging } from "./connectionLogging";
import { coverage } from "./coverage";
import { databaseSaturation } from "./databaseSaturation";
import { demandDeclared } from "./demandDeclared";
import { drainOrder } from "./drainOrder";
import { idleInTransaction } from "./idleInTransaction";
import { idleOrder } from "./idleOrder";
import { keepAliveOrder } from "./keepAliveOrder";
import { maxConnections } from "./maxConnections";
import { memoryForConnections } from "./memoryForConnections";
import { ownParameterGroup } from "./ownParameterGroup";
import { parameterGroupFamily } from "./parameterGroupFamily";
import { parameterValues } from "./parameterValues";
import { pendingRebootOrder } from "./pendingRebootOrder";
import { poolFloor } from "./poolFloor";
import { proxyBounds } from "./proxyBounds";
import { reconnectStorm } from "./reconnectStorm";
import type { Rule } from "./rule";
import { timeoutOrder } from "./timeoutOrder";
import { tlsRequired } from "./tlsRequired";

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
