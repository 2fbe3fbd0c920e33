import type { DatabaseBudget, PoolBudget } from "../../budget/budget";
import { findInstanceClass } from "../../model/instanceClasses";
import { combine, knownValue } from "../../plan/reading";
import type { DatabaseReading } from "../../plan/types";
import { plain } from "../format";
import { type RuleContext, rule } from "../rule";

/**
 * Connections that work at the same time share the processors: past two or three for each they wait for one another
 * (G. Smith, PostgreSQL 9.0 High Performance, and Huawei's RDS guide: 2–3 × cores; HikariCP's wiki: 2 × cores +
 * spindles).
 *
 * A hint and no proof, hence advisory: a connection is held through network round trips and commits as well, which
 * take no processor. A class without a fixed number of processors (Aurora Serverless) is passed over in silence.
 */
export const databaseSaturation = rule({
  id: "database-saturation",
  title: "Enough vCPU for the busy connections",
  severity: "low",
  level: "advisory",
  description:
    "Connections that are busy at the declared peak stay below `busyPerVcpu` (3) for each vCPU of the database.",
  remediationSteps:
    "Compare with the metric DBLoad at the peak: where it stays below the number of vCPU, the connections wait for something else. Otherwise hold them for a shorter time or take a larger class.",
  check(context) {
    for (const database of context.budget.databases) checkDatabase(database, context);
  },
});

function checkDatabase(on: DatabaseBudget, context: RuleContext): void {
  const vcpus = vcpusOf(on.database);
  // A sum over the pools that are known is a lower bound: what is hidden would only add to it.
  const busy = on.pools.reduce((sum, pool) => sum + busyConnections(pool), 0);
  const { busyPerVcpu } = context.settings;
  if (vcpus === undefined || busy <= vcpus * busyPerVcpu) return;
  const { resource } = on.database;
  const { naming } = context;
  const needed = Math.ceil(busy / busyPerVcpu);
  const shown = Number(busy.toFixed(1));
  context.violation({
    resource: resource.urn,
    text: `At the peak ${plain(shown)} connections of ${resource.name} are busy at once, more than ${plain(busyPerVcpu)} for each of its ${plain(vcpus)} vCPU: unless they mostly wait for the network or the disk, they compete for CPU, and hold times grow. Compare with DBLoad at the peak.`,
    fix: `Hold connections for a shorter time, or move to ${naming.name("instanceClass")} with ${needed} vCPU or more`,
    observed: shown,
    allowed: { min: null, max: vcpus * busyPerVcpu },
    unit: "connections",
  });
}

/** Mean number of a pool's connections that are at work at the declared peak; a pool keeps no more busy than it has. */
function busyConnections({ demand, offeredLoad, poolMax }: PoolBudget): number {
  const busy = combine(
    { demand, load: offeredLoad },
    ({ demand: { tasksServingPeak, processesPerTask }, load }) => {
      const most = knownValue(poolMax) ?? load;
      return Math.min(load, most) * tasksServingPeak * (processesPerTask ?? 1);
    },
  );
  return knownValue(busy) ?? 0;
}

/** Processors of the instance that does the work: of a cluster's members any may be the writer, so the smallest. */
export function vcpusOf({ instanceClass, members }: DatabaseReading): number | undefined {
  const classes = members.length > 0 ? members.map((member) => member.instanceClass) : [instanceClass];
  let least: number | undefined;
  for (const reading of classes) {
    const vcpus = findInstanceClass(knownValue(reading) ?? "")?.vcpus;
    if (vcpus === undefined) return undefined;
    least = Math.min(least ?? vcpus, vcpus);
  }
  return least;
}
