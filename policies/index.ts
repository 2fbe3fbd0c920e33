import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PolicyPack, type ResourceValidationPolicy, type StackValidationPolicy } from "@pulumi/policy";
import { POLICIES, type PolicyDescription, settingsPolicy } from "./config/policies";
import settingsJsonSchema from "./config/settings.schema.json";
import { beginPlanFile, differsFromReading, findingsFor, isAnswered } from "./pack/assessment";
import { describedToEngine, report } from "./pack/stackPolicy";
import { repository } from "./reports/locations";

/**
 * The engine refuses what does not fit this schema, in its own words and before any rule runs. An exception that is not
 * whole is a finding of the stack's, not a broken configuration: those are left to the pack.
 */
const CONFIG_PROPERTIES: object = { ...settingsJsonSchema.properties, exceptions: { type: "array" } };

/** A file of the package; nothing that it lacks may keep the gate from starting. */
function textOf(file: string): string | undefined {
  const path = join(__dirname, "..", file);
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

beginPlanFile();

const readme = textOf("README.md");

new PolicyPack("poolproof", {
  displayName: "poolproof",
  description:
    "Rejects database connection pools that are too small for their demand or too large for their database.",
  ...(readme === undefined ? {} : { readme }),
  provider: "aws",
  tags: ["aws", "rds", "ecs", "reliability"],
  // A release names the repository that it was packed from.
  ...(repository === undefined ? {} : { repository: repository.url }),
  policies: [...POLICIES.map(toPolicy), ...(process.env.POOLPROOF_READING ? [readingPolicy()] : [])],
});

/** Asked of each resource before it is made, which a policy on the whole stack is not. */
function readingPolicy(): ResourceValidationPolicy {
  return {
    name: "poolproof-reading",
    description: "What is deployed is what the preview was judged by.",
    enforcementLevel: "mandatory",
    validateResource: async ({ urn, props }, reportViolation) => {
      const difference = await differsFromReading(urn, props);
      if (difference !== undefined) reportViolation(difference);
    },
  };
}

function toPolicy(policy: PolicyDescription): StackValidationPolicy {
  const isSettings = policy.id === settingsPolicy.id;
  const validate: StackValidationPolicy["validateStack"] = async (args, reportViolation) => {
    for (const finding of await findingsFor(policy, args)) report(finding, policy, reportViolation);
  };
  return {
    ...describedToEngine(policy),
    ...(isSettings ? { configSchema: { properties: CONFIG_PROPERTIES } } : {}),
    // Asked by the SDK when this policy's turn comes; without a function it has passed.
    get validateStack() {
      return isAnswered(policy) ? undefined : validate;
    },
  } as StackValidationPolicy;
}
