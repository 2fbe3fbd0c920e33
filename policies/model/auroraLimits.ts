import data from "./auroraLimits.data.json";
import type { AuroraEngine } from "./engines";

/** Bounds of Aurora Serverless v2, in ACU; one that is not known counts as the one that gives the lower limit. */
export interface ServerlessCapacity {
  readonly minAcu?: number | undefined;
  readonly maxAcu: number;
}

/** Memory that comes with one Aurora capacity unit, approximately (Aurora User Guide, aurora-serverless-v2). */
export const ACU_BYTES = 2 * 2 ** 30;

/** With a minimum of 0 or 0.5 ACU, Aurora PostgreSQL stops here, whatever the maximum (same guide, "Setting the capacity"). */
const POSTGRES_LOW_MINIMUM = { acu: 0.5, cap: 2000 } as const;

export interface TableLimit {
  /** What AWS's table says; of the row below when the capacity lies between two of its rows. */
  readonly maxConnections: number;
  /** What the row at or above says; `undefined` above the last row where nothing else caps the limit. */
  readonly upperBound: number | undefined;
  /** Maximum capacity of the row that was used, in ACU; `undefined` for an instance class. */
  readonly rowAcu: number | undefined;
}

const provisioned: { readonly [engine in AuroraEngine]: { readonly [instanceClass: string]: number } } =
  data.provisioned;
const serverless = data.serverlessV2 as unknown as {
  readonly [engine in AuroraEngine]: readonly (readonly [acu: number, maxConnections: number])[];
};

/** Aurora's default `max_connections` of a class; `undefined` for a class that is not in AWS's table. */
export function provisionedLimit(engine: AuroraEngine, instanceClass: string): TableLimit | undefined {
  const table = provisioned[engine];
  const maxConnections = Object.hasOwn(table, instanceClass) ? table[instanceClass] : undefined;
  return maxConnections === undefined
    ? undefined
    : { maxConnections, upperBound: maxConnections, rowAcu: undefined };
}

/**
 * Aurora's default `max_connections` of a serverless instance, from its maximum capacity. AWS publishes rows for 1,
 * 4, 8, … 128 ACU: between two of them the lower one holds as a lower bound, and 128 holds above.
 * `undefined` below 1 ACU, which is no maximum that AWS accepts.
 */
export function serverlessLimit(engine: AuroraEngine, capacity: ServerlessCapacity): TableLimit | undefined {
  const rows = serverless[engine];
  const below = rows.filter(([acu]) => acu <= capacity.maxAcu).at(-1);
  if (below === undefined) return undefined;
  const [rowAcu, maxConnections] = below;
  const upperBound = rows.find(([acu]) => acu >= capacity.maxAcu)?.[1];
  if (engine === "aurora-mysql") return { maxConnections, upperBound, rowAcu };
  const { acu, cap } = POSTGRES_LOW_MINIMUM;
  const most = (capacity.minAcu ?? 0) <= acu ? cap : Number.POSITIVE_INFINITY;
  // The last row is the cap of PostgreSQL's own formula, so nothing above it has more.
  return {
    maxConnections: Math.min(maxConnections, most),
    upperBound: Math.min(
      upperBound ?? maxConnections,
      capacity.minAcu === undefined ? Number.POSITIVE_INFINITY : most,
    ),
    rowAcu,
  };
}
