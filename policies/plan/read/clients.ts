import type { DemandOverride, PoolOverride } from "../declarations";
import type { PlanIndex } from "../planIndex";
import { andThen, known, knownValue, type Reading, readText } from "../reading";
import type { ClientReading, DatabaseLink } from "../stackReading";
import { tlsTurnedOffBy } from "./clientTls";
import { type Container, environmentOf } from "./containers";
import { type DatabaseDirectory, linkDatabase } from "./databaseLinks";
import { readDemand } from "./demand";
import { metricNames } from "./metricNames";
import type { PoolSettings } from "./poolProfiles";
import { readPools } from "./pools";
import { spokenTo } from "./spoken";

/** What every reader of clients needs beside the client's own resource. */
export interface ClientContext {
  readonly index: PlanIndex;
  readonly databases: DatabaseDirectory;
  /** Demand that the policy configuration declares for a client that goes by any of these names. */
  readonly demand: (names: readonly string[]) => DemandOverride | undefined;
  /** What the policy configuration says of such a client's pools. */
  readonly pools: (names: readonly string[]) => readonly PoolOverride[];
}

/** Where one container's or function's pools lead, and what is said of them. */
export interface PoolSource {
  /** The tag `poolproof:database`. */
  readonly tag: Reading<string>;
  /** URNs of the resources that went into the environment. */
  readonly made: readonly string[];
  readonly overrides: readonly PoolOverride[];
  /** Names the client goes by in the policy configuration. */
  readonly names: readonly string[];
  /** Property that holds the environment, for what it hides. */
  readonly property: string;
  /** Settings that hold without any variable, such as a function's timeout. */
  readonly given?: (settings: PoolSettings) => Partial<PoolSettings>;
}

type OfThePool =
  | "tlsTurnedOffBy"
  | "name"
  | "pool"
  | "container"
  | "environment"
  | "library"
  | "declared"
  | "settings"
  | "database"
  | "metricNames";

/** The pools of one container or function, each a client of its own with what they share. */
export function readClients(
  container: Reading<Container>,
  source: PoolSource,
  context: ClientContext,
  shared: Omit<ClientReading, OfThePool>,
): readonly ClientReading[] {
  const { resource } = shared;
  const library = readText(resource, "tags", "poolproof:pool-library");
  const links = new Map<string | undefined, DatabaseLink>();
  const linkOf = (database: string | undefined): DatabaseLink => {
    const tag = database === undefined ? source.tag : known(database);
    const link =
      links.get(database) ??
      linkDatabase(
        { tag, made: source.made, container: knownValue(container) },
        context.databases,
        context.index,
      );
    links.set(database, link);
    return link;
  };
  const databaseOf = (database: string | undefined) => spokenTo(linkOf(database), context.databases);
  return readPools(container, { ...source, library, databaseOf }).map((pool) => {
    const name = pool.pool === undefined ? resource.name : `${resource.name} (${pool.pool})`;
    return {
      ...shared,
      name,
      pool: pool.pool,
      container: andThen(container, (of) => known(of.name)),
      environment: andThen(container, (of) => known(environmentOf(of))),
      library: pool.library,
      // A pool may have a peak of its own: "api (reporting)".
      declared: readDemand(resource, context.demand([name]) ?? context.demand(source.names)),
      settings: pool.settings,
      tlsTurnedOffBy: tlsTurnedOffBy(knownValue(container)),
      metricNames: metricNames(source.names, knownValue(container), shared.taskDefinition, pool.pool),
      database: linkOf(pool.database),
    };
  });
}
