import { linkDatabase } from "../databases/links";
import { cannotSpeak, type Spoken, speaks, spokenTo } from "../databases/protocol";
import type { PlanResource } from "../plan";
import { NAMED_LIBRARIES, POOL_PROFILES, type PoolProfile } from "../pools/libraries";
import { type PoolSettings, type SettingReading, unnamedLibrary } from "../pools/library";
import { readSettings } from "../pools/settings";
import { andThen, known, knownValue, type Reading, type Unknown, unknown, unset } from "../reading";
import type { DeclaredClient } from "../settings";
import { demandOf } from "../tags";
import type { ClientReading } from "../types";
import type { ClientContext } from "./clients";

const DECLARED_CLIENT = "poolproof:declared:Client";

/** Clients that the policy configuration describes, as the rules judge those of the plan. */
export function readDeclaredClients(
  clients: readonly DeclaredClient[],
  place: { readonly stack: string; readonly project: string },
  context: ClientContext,
): readonly ClientReading[] {
  return clients.map((declared) => {
    const resource: PlanResource = {
      urn: `urn:pulumi:${place.stack}::${place.project}::${DECLARED_CLIENT}::${declared.name}`,
      type: DECLARED_CLIENT,
      name: declared.name,
      properties: {},
      propertyDependencies: {},
      dependencies: [],
      parent: undefined,
    };
    const instances = known(declared.instances);
    const tag = declared.database === undefined ? unset("database") : known(declared.database);
    const endpoint = declared.endpoint === undefined ? unset("endpoint") : known(declared.endpoint);
    const database = linkDatabase(
      { tag, endpoint, made: [], container: undefined },
      context.databases,
      context.index,
    );
    const library = libraryOf(declared, spokenTo(database, context.databases));
    return {
      kind: "declared",
      resource,
      name: declared.name,
      container: unset("containerDefinitions"),
      environment: unset("containerDefinitions"),
      taskDefinition: undefined,
      library: andThen(library, (of) => known(of.library)),
      declared: demandOf(declared),
      tasks: {
        minCapacity: instances,
        maxCapacity: instances,
        sustainedCapacity: instances,
        // The number of instances is the most there are, a deployment's surge included.
        maximumPercent: known(100),
        minimumHealthyPercent: known(100),
        keepsBothRevisions: known(false),
        zones: unset("subnets"),
      },
      settings: settingsOf(declared, library),
      opens: knownValue(library)?.opens,
      database,
      unread: [],
      metricNames: [declared.name],
      inFront: [],
      loadBalancerIdleSeconds: unset("loadBalancers"),
      deregistrationDelaySeconds: unset("loadBalancers"),
      drainSeconds: unset("loadBalancers"),
      healthCheckSeconds: unset("loadBalancers"),
      spreadByZone: false,
      stopTimeoutSeconds: unset("stopTimeout"),
    };
  });
}

function libraryOf({ library }: DeclaredClient, database: Spoken | undefined): Reading<PoolProfile> {
  if (library === undefined) return unset("library");
  const profile = POOL_PROFILES.get(library);
  const supported = NAMED_LIBRARIES.map((each) => each.library).join(", ");
  if (!profile) return unknown("library", `pool library "${library}" is not one of ${supported}`);
  return database && !speaks(profile, database) ? cannotSpeak(profile, database) : known(profile);
}

/**
 * What is declared, and the defaults of the library where it is named. Of a server's and a statement's timeouts the
 * configuration says nothing, and nothing is asked: they stay unset.
 */
function settingsOf(declared: DeclaredClient, library: Reading<PoolProfile>): PoolSettings {
  const place = `clients[${declared.name}]`;
  const nothing = { environment: () => unset(place), sets: () => false };
  const why = library.state === "unknown" ? library : whyUnknown(declared);
  const defaults = readSettings(knownValue(library) ?? unnamedLibrary(why), nothing);
  const value = (setting: keyof PoolSettings, field: string, given: number): SettingReading => ({
    variable: `${place}.${field}`,
    unit: defaults[setting].unit,
    reading: known(given),
  });
  const silent = (setting: keyof PoolSettings): SettingReading => ({
    ...defaults[setting],
    reading: unset(place),
  });
  const { acquireTimeoutMs, processesPerInstance = 1 } = declared;
  return {
    ...defaults,
    queryTimeoutMs: silent("queryTimeoutMs"),
    keepAliveTimeoutMs: silent("keepAliveTimeoutMs"),
    poolMax: value("poolMax", "poolMax", declared.poolMax),
    processesPerTask: value("processesPerTask", "processesPerInstance", processesPerInstance),
    acquireTimeoutMs:
      acquireTimeoutMs === undefined
        ? { ...defaults.acquireTimeoutMs, variable: `${place}.acquireTimeoutMs` }
        : value("acquireTimeoutMs", "acquireTimeoutMs", acquireTimeoutMs),
  };
}

const whyUnknown = ({ name }: DeclaredClient): Unknown => ({
  ...unknown("clients", `neither the library nor the setting of ${name} is declared under \`clients\``),
  fix: `Set \`library\` and \`acquireTimeoutMs\` of ${name} under \`clients\` in the policy configuration`,
});
