import { ACCOUNT_ID } from "../../../policies/plan/provider";
import { arn, digitsOf, type ServiceModels, text, uuid } from "./resourceState";

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
