import { knownValue, type Reading } from "../../plan/reading";
import { DEMAND_TAGS } from "../../plan/tags";
import type { ClientReading, DeclaredDemand } from "../../plan/types";
import { capacityOf, plain } from "../format";
import { type RuleContext, rule } from "../rule";

/** Without a declared peak there is no floor: what is not declared cannot be proved. */
export const demandDeclared = rule({
  id: "demand-declared",
  title: "Peak demand declared",
  severity: "high",
  level: "mandatory",
  description: "Each client of a database declares its peak demand and how long a connection is held.",
  remediationSteps:
    "Tag the service or function with `poolproof:peak-requests-per-second` (all requests that need the database) and `poolproof:db-hold-ms` (mean time one acquisition holds its connection), or declare them in the policy configuration.",
  check(context) {
    const seen = new Set<string>();
    for (const { client } of context.budget.pools) {
      // Several pools of one service share its tags.
      if (seen.has(client.resource.urn)) continue;
      seen.add(client.resource.urn);
      checkClient(client, context);
    }
  },
});

const FIELDS = Object.keys(DEMAND_TAGS) as (keyof DeclaredDemand)[];
const REQUIRED: ReadonlySet<keyof DeclaredDemand> = new Set(["peakRequestsPerSecond", "holdMs"]);

function checkClient(client: ClientReading, context: RuleContext): void {
  const resource = client.resource.urn;
  const { naming } = context;
  const problems: string[] = [];
  const tags: string[] = [];
  const isDescribed = client.kind === "declared";
  for (const field of FIELDS) {
    const reading: Reading<number> = client.declared[field];
    const tag = isDescribed ? field : DEMAND_TAGS[field];
    if (reading.state === "unknown") context.cannotDecide(resource, reading);
    if (reading.state === "malformed")
      problems.push(`\`${tag}\` is ${reading.shown}, not ${reading.expected}`);
    else if (reading.state === "unset" && REQUIRED.has(field)) problems.push(`\`${tag}\` is missing`);
    else continue;
    tags.push(naming.name(tag));
  }
  if (problems.length > 0) {
    context.violation({
      resource,
      text: `${client.name} does not declare its peak: ${problems.join(", ")}. Without it no floor can be computed, and a pool too small for its load would go unnoticed.`,
      fix: `Set ${tags.join(" and ")} ${placeOf(client)}, from its measured peak`,
    });
  }
  checkTasks(client, context);
}

/** Where a client's demand is declared, as the end of a sentence. */
function placeOf({ kind, name }: ClientReading): string {
  switch (kind) {
    case "declared":
      return `of ${name} under \`clients\` in the policy configuration`;
    case "lambda":
      return "on the function";
    case "kubernetes":
      return "among its annotations";
    case "beanstalk":
      return "on the environment";
    case "app-runner":
    case "ecs-service":
      return "on the service";
  }
}

/** More tasks than autoscaling may run cannot serve the peak. */
function checkTasks(client: ClientReading, context: RuleContext): void {
  const declared = knownValue(client.declared.tasksAtPeak);
  const most = knownValue(client.tasks.sustainedCapacity);
  if (declared === undefined || most === undefined || declared <= most) return;
  const { naming } = context;
  const nearer = client.kind === "declared" ? "tasksAtPeak" : DEMAND_TAGS.tasksAtPeak;
  context.violation({
    resource: client.resource.urn,
    text: `${client.name} declares ${plain(declared)} tasks at peak and may run ${plain(most)} at most: the peak would be shared by fewer tasks than declared.`,
    fix: `Lower ${naming.name(nearer)} to ${plain(most)}, or raise ${naming.name(capacityOf(client))} to ${plain(declared)}`,
    observed: declared,
    allowed: { min: 1, max: most },
    unit: "tasks",
  });
}
