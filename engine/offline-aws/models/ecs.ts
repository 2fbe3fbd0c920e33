import { arn, lastPart, list, type ResourceState, type ServiceModels, text } from "./resourceState";

/** Revisions of a family count up, and a definition is never changed but registered anew. */
function revision({ change, id, previous }: ResourceState): number {
  const before = previous?.family === id ? previous.revision : undefined;
  if (typeof before !== "number") return 1;
  return change === "update" ? before : before + 1;
}

/** Behaviour of clusters, task definitions and services. */
export const ecs: ServiceModels = {
  "aws:ecs/cluster:Cluster": {
    replaceOn: ["name"],
    id: (inputs, _digits, region) => arn("ecs", region, `cluster/${text(inputs, "name")}`),
    outputs: ({ id }) => ({ arn: id, settings: [{ name: "containerInsights", value: "disabled" }] }),
  },
  "aws:ecs/taskDefinition:TaskDefinition": {
    replaceOn: [
      "containerDefinitions",
      "cpu",
      "enableFaultInjection",
      "ephemeralStorage",
      "executionRoleArn",
      "family",
      "ipcMode",
      "memory",
      "networkMode",
      "pidMode",
      "placementConstraints",
      "proxyConfiguration",
      "requiresCompatibilities",
      "runtimePlatform",
      "taskRoleArn",
      "volumes",
    ],
    id: (inputs) => text(inputs, "family"),
    outputs: (state) => {
      const arnWithoutRevision = arn("ecs", state.region, `task-definition/${state.id}`);
      const number = revision(state);
      return {
        arn: `${arnWithoutRevision}:${number}`,
        arnWithoutRevision,
        enableFaultInjection: false,
        revision: number,
      };
    },
  },
  "aws:ecs/service:Service": {
    replaceOn: ["cluster", "deploymentController", "iamRole", "launchType", "name", "schedulingStrategy"],
    id: (inputs, _digits, region) => {
      const cluster = lastPart(text(inputs, "cluster")) || "default";
      return arn("ecs", region, `service/${cluster}/${text(inputs, "name")}`);
    },
    outputs: ({ id, inputs, region }) => ({
      arn: id,
      availabilityZoneRebalancing: "DISABLED",
      cluster: arn("ecs", region, "cluster/default"),
      deploymentConfiguration: { bakeTimeInMinutes: "0", strategy: "ROLLING" },
      iamRole: `/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS`,
      launchType: list(inputs, "capacityProviderStrategies").length > 0 ? "" : "EC2",
      platformVersion: text(inputs, "launchType") === "FARGATE" ? "LATEST" : "",
    }),
    nestedOutputs: { deploymentConfiguration: { bakeTimeInMinutes: "0", strategy: "ROLLING" } },
  },
};
