import {
  confirmedFor,
  type DatabaseInstance,
  engineOf,
  type LimitReading,
  limitsOf,
} from "../../budget/databaseLimit";
import type { DatabaseEngine } from "../../model/engines";
import {
  connectionsForMemory,
  type Hardware,
  hardwareOf,
  IDLE_CONNECTIONS_FACTOR,
  memoryForConnections as memoryNeeded,
} from "../../model/instanceClasses";
import { knownValue } from "../../plan/reading";
import type { DatabaseReading } from "../../plan/types";
import { type RuleContext, rule } from "../rule";
import { kindOf, sourceOf } from "./parameterGroups";

/**
 * A limit that was set must fit the memory of the class. What AWS gives by default fits by its own reckoning,
 * and what was confirmed is running; both pass. Up to twice what AWS reckons with is advisory: most sessions of large
 * pools are idle, and idle they fit.
 */
export const memoryForConnections = rule({
  id: "memory-for-connections",
  title: "Memory for every connection",
  severity: "high",
  level: "mandatory",
  description:
    "A `max_connections` that the parameter group sets is one that the memory of the instance class can carry: advisory up to twice what AWS reckons with, mandatory beyond.",
  remediationSteps:
    "Lower `max_connections` to what the demand needs, or take a class with more memory. Where more clients must connect than fit, put an RDS Proxy or a pooler in between.",
  check(context) {
    for (const { database } of context.budget.databases) {
      const engine = knownValue(engineOf(database));
      if (engine !== undefined) checkDatabase(database, engine, context);
    }
  },
});

/** One finding a database: of several instances the one with the least memory is the one that fails. */
function checkDatabase(database: DatabaseReading, engine: DatabaseEngine, context: RuleContext): void {
  const sized: Sized[] = [];
  for (const { instance, limit } of limitsOf(database, context.settings)) {
    const asked = askedFor(limit);
    if (asked === undefined) continue;
    const hardware = hardwareFor(instance);
    if (hardware) sized.push({ instance, asked, hardware });
    else listUnknown(instance, asked.connections, database, context);
  }
  const worst = sized
    .filter(({ asked, hardware }) => asked.connections > connectionsForMemory(engine, hardware.memoryBytes))
    .sort((a, b) => a.hardware.memoryBytes - b.hardware.memoryBytes)[0];
  if (worst) report(worst, engine, context);
}

interface Sized {
  readonly instance: DatabaseInstance;
  readonly asked: Asked;
  readonly hardware: Hardware;
}

/** The limit that a group asks for, on the whole memory where it is a formula, which is shown with it. */
interface Asked {
  readonly connections: number;
  readonly formula: string | undefined;
}

/** Undefined for a limit that is AWS's own, or that was confirmed. */
function askedFor(limit: LimitReading): Asked | undefined {
  if (limit.state !== "known" || limit.value.textFrom !== "parameter-group") return undefined;
  const { source, maxConnections, text, upperBound } = limit.value;
  if (source === "confirmed") return undefined;
  return { connections: upperBound ?? maxConnections, formula: source === "explicit" ? undefined : text };
}

function hardwareFor(instance: DatabaseInstance): Hardware | undefined {
  const maxAcu = knownValue(instance.maxAcu);
  if (instance.isServerless) return maxAcu === undefined ? undefined : hardwareOf({ serverless: { maxAcu } });
  return hardwareOf({ instanceClass: knownValue(instance.instanceClass) });
}

function listUnknown(
  instance: DatabaseInstance,
  asked: number,
  database: DatabaseReading,
  context: RuleContext,
): void {
  const confirmed = confirmedFor(instance, database, context.settings);
  if ((confirmed ?? 0) >= asked) return;
  const { size, resource } = instance;
  if (size.state !== "known") {
    context.cannotDecide(resource.urn, size);
    return;
  }
  const entry = {
    property: "instanceClass",
    reason: `the memory of ${size.value} is not known, so whether it carries ${asked} connections is not either`,
    fix: `Confirm with \`SHOW max_connections\` that the class runs with ${asked}, as \`confirmedMaxConnections\` in the policy configuration`,
  };
  // A class that nobody confirmed anything about is the violation of that rule.
  context.cannotDecide(resource.urn, entry, confirmed === undefined ? "max-connections" : undefined);
}

function report({ instance, asked, hardware }: Sized, engine: DatabaseEngine, context: RuleContext): void {
  const most = connectionsForMemory(engine, hardware.memoryBytes);
  const group = sourceOf(instance.parameters, "max_connections");
  const { naming } = context;
  const formula = asked.formula === undefined ? "" : ` (\`${asked.formula}\`)`;
  const where = ` in ${kindOf(group)} \`${group.resource.name}\``;
  const needed = gib(memoryNeeded(engine, asked.connections));
  const onceIdle = IDLE_CONNECTIONS_FACTOR * most;
  const fitsIdle = asked.connections <= onceIdle;
  const consequence = fitsIdle
    ? ": idle sessions fit, but when more of them work at once the database swaps or is killed"
    : `, and more than the ${onceIdle} that fit while all of them are idle: once they are open the database swaps or is killed`;
  context.violation({
    resource: group.resource.urn,
    text: `\`max_connections\` of ${instance.resource.name} is ${asked.connections}${formula}, more than the ${most} that the ${gib(hardware.memoryBytes)} GiB of ${hardware.name} can carry by the memory AWS counts for each connection${consequence}.`,
    fix: `${naming.set("max_connections", where, `${most} or less`, most)}, or take a class with at least ${needed} GiB of memory`,
    observed: asked.connections,
    allowed: { min: null, max: most },
    unit: "connections",
    ...(fitsIdle ? { level: "advisory" as const } : {}),
  });
}

const gib = (bytes: number): string => String(Math.ceil((bytes / 2 ** 30) * 10) / 10);
