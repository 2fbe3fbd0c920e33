import type { Plan } from "./plan";
import { PlanIndex, stackAndProject } from "./planIndex";
import { DatabaseDirectory } from "./read/databaseLinks";
import { type DeclaredOverrides, readService } from "./read/ecsServices";
import { readDatabases } from "./read/rdsInstances";
import { readUnexamined } from "./read/unexamined";
import { resourceTypes } from "./resourceTypes";
import type { ClientReading, StackReading, Unexamined } from "./stackReading";

/** Reads a plan into what the rules judge. Never throws, whatever the plan holds. */
export function readStack(plan: Plan, overrides: DeclaredOverrides = () => undefined): StackReading {
  const index = new PlanIndex(plan);
  const databases = readDatabases(index);
  const clients: ClientReading[] = [];
  const unexamined: Unexamined[] = [];
  const directory = new DatabaseDirectory(databases);
  for (const service of index.ofType(resourceTypes.ecsService)) {
    const reading = readService(service, index, directory, overrides);
    if ("clients" in reading) clients.push(...reading.clients);
    else unexamined.push({ resource: service.urn, reason: reading.unexamined, usesDatabase: false });
  }
  unexamined.push(...readUnexamined(index));
  return { ...stackAndProject(plan), databases, proxies: [], clients, unexamined };
}
