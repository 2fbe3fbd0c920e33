import { type ServiceSemantics, words } from "./types";

/** Application Auto Scaling. */
export const appautoscaling: ServiceSemantics = {
  "aws:appautoscaling/target:Target": {
    required: words("maxCapacity minCapacity resourceId scalableDimension serviceNamespace"),
    numbers: words("maxCapacity minCapacity"),
    computed: words("arn tagsAll"),
    computedUnlessSet: words("region roleArn suspendedState"),
  },
  "aws:appautoscaling/policy:Policy": {
    required: words("resourceId scalableDimension serviceNamespace"),
    autoName: { property: "name", separator: "-", maxLength: 255 },
    defaults: { policyType: "StepScaling" },
    nestedDefaults: { targetTrackingScalingPolicyConfiguration: { disableScaleIn: false } },
    computed: words("alarmArns arn"),
    computedUnlessSet: words("region"),
  },
};
