import type { Sample } from "./samplePlan";

/** The sample's container with these variables in plain text, and one more from a secret, which no plan shows. */
export function fromSecret(name: string, variables: Sample["environment"]): Pick<Sample, "taskDefinition"> {
  const shown = Object.entries(variables).filter(([each]) => each !== name);
  const container = {
    name: "api",
    environment: shown.map(([each, value]) => ({ name: each, value })),
    secrets: [{ name, valueFrom: "arn:aws:ssm:eu-west-1:123456789012:parameter/elsewhere" }],
  };
  return { taskDefinition: { containerDefinitions: JSON.stringify([container]) } };
}
