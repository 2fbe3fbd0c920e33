import { ACCOUNT_ID } from "../../../policies/plan/provider";
import {
  arn,
  digitsOf,
  lastPart,
  list,
  type ResourceState,
  type ServiceModels,
  text,
  uuid,
} from "./resourceState";

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

const LINKED_ROLE = "aws-service-role/ecs.application-autoscaling.amazonaws.com";

/** Behaviour of scalable targets and scaling policies. */
export const appautoscaling: ServiceModels = {
  "aws:appautoscaling/target:Target": {
    replaceOn: ["resourceId", "scalableDimension", "serviceNamespace"],
    id: (inputs) => text(inputs, "resourceId"),
    outputs: ({ id, region }) => ({
      arn: arn("application-autoscaling", region, `scalable-target/${digitsOf(id)("target", 34)}`),
      roleArn: `arn:aws:iam::${ACCOUNT_ID}:role/${LINKED_ROLE}/AWSServiceRoleForApplicationAutoScaling_ECSService`,
      suspendedState: {
        dynamicScalingInSuspended: false,
        dynamicScalingOutSuspended: false,
        scheduledScalingSuspended: false,
      },
    }),
  },
  "aws:appautoscaling/policy:Policy": {
    replaceOn: ["name", "resourceId", "scalableDimension", "serviceNamespace"],
    id: (inputs) => text(inputs, "name"),
    outputs: ({ id, inputs, region }) => {
      const resource = text(inputs, "resourceId");
      const digits = digitsOf(`${resource}\n${id}`);
      const isTracking = text(inputs, "policyType") === "TargetTrackingScaling";
      return {
        // Target tracking makes its own pair of alarms.
        alarmArns: isTracking
          ? ["AlarmHigh", "AlarmLow"].map((side) =>
              arn("cloudwatch", region, `alarm:TargetTracking-${resource}-${side}-${uuid(digits(side, 32))}`),
            )
          : [],
        arn: arn(
          "autoscaling",
          region,
          `scalingPolicy:${uuid(digits("policy", 32))}:resource/ecs/${resource}:policyName/${id}`,
        ),
      };
    },
  },
};
