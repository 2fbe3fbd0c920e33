import { acquireTimeout } from "./acquireTimeout";
import { connectionBudget } from "./connectionBudget";
import { demandDeclared } from "./demandDeclared";
import { maxConnections } from "./maxConnections";
import { poolFloor } from "./poolFloor";
import type { Rule } from "./rule";
import { timeoutOrder } from "./timeoutOrder";

/** Every rule, in the order reports list them: what failed on the day first. */
export const RULES: readonly Rule[] = [
  poolFloor,
  connectionBudget,
  maxConnections,
  acquireTimeout,
  timeoutOrder,
  demandDeclared,
];
