import { type DatabaseBudget, sidesOf } from "../../budget/budget";
import { reachOf } from "../../budget/reach";
import { knownValue } from "../../plan/reading";
import { plain } from "../format";
import { type RuleContext, rule } from "../rule";

/**
 * Connections that work at the same time share the processors (`budget/reach.ts` has the sources): where more are busy than
 * these work on, hold times grow with the load, and every pool's floor with them.
 *
 * A hint and no proof, hence advisory. A class without a fixed number of processors (Aurora Serverless) is passed over in
 * silence.
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
    for (const side of context.budget.databases.flatMap(sidesOf)) checkDatabase(side, context);
  },
});

function checkDatabase(on: DatabaseBudget, context: RuleContext): void {
  // A sum over the pools that are known is a lower bound: what is hidden would only add to it.
  const reach = reachOf(on, context.settings);
  if (reach === undefined || reach.busyInPools <= reach.connections) return;
  const { busyPerVcpu } = context.settings;
  const { resource } = on.database;
  const { naming } = context;
  const needed = Math.ceil(reach.busyInPools / busyPerVcpu / (on.readers ?? 1));
  const shown = Number(reach.busyInPools.toFixed(1));
  const whose = on.readers === undefined ? "its" : "its readers'";
  const floors = on.pools.flatMap(({ client, floor, demand }) => {
    const of = knownValue(demand);
    return floor.state === "known" && of !== undefined && client.kind !== "lambda"
      ? [`${floor.value} for ${client.name} at ${plain(of.holdMs)} ms`]
      : [];
  });
  const ofFloors =
    floors.length === 0 ? "" : ` The pools' floors (${floors.join(", ")}) assume that they do not.`;
  context.violation({
    resource: resource.urn,
    text: `At the peak ${plain(shown)} connections of ${resource.name} are busy at once, more than ${plain(busyPerVcpu)} for each of ${whose} ${plain(reach.vcpus)} vCPU: unless they mostly wait for the network or the disk, they compete for CPU, and hold times grow.${ofFloors} Beyond ${plain(reach.connections)} the database is the limit, and larger pools add waiting instead of throughput. Compare with DBLoad at the peak.`,
    fix: `Hold connections for a shorter time, or move to ${naming.name("instanceClass")} with ${needed} vCPU or more`,
    observed: shown,
    allowed: { min: null, max: reach.connections },
    unit: "connections",
  });
}
