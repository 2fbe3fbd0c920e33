import { type ServiceSemantics, words } from "./types";

/** Elastic Container Service. A circuit breaker, a controller and the like are unset unless given. */
export const ecs: ServiceSemantics = {
  "aws:ecs/cluster:Cluster": {
    required: [],
    autoName: { property: "name", separator: "-", maxLength: 255 },
    computed: words("arn tagsAll"),
    computedUnlessSet: words("region settings"),
  },
  "aws:ecs/taskDefinition:TaskDefinition": {
    required: words("containerDefinitions family"),
    defaults: { skipDestroy: false, trackLatest: false },
    computed: words("arn arnWithoutRevision revision tagsAll"),
    computedUnlessSet: words("enableFaultInjection networkMode region"),
  },
  "aws:ecs/service:Service": {
    required: [],
    autoName: { property: "name", separator: "-", maxLength: 255 },
    defaults: {
      deploymentMaximumPercent: 200,
      deploymentMinimumHealthyPercent: 100,
      enableEcsManagedTags: false,
      enableExecuteCommand: false,
      schedulingStrategy: "REPLICA",
      waitForSteadyState: false,
    },
    numbers: words(`
      deploymentMaximumPercent deploymentMinimumHealthyPercent desiredCount
      healthCheckGracePeriodSeconds
    `),
    nestedDefaults: {
      deploymentController: { type: "ECS" },
      networkConfiguration: { assignPublicIp: false },
    },
    computed: words("arn tagsAll"),
    computedUnlessSet: words(`
      availabilityZoneRebalancing cluster deploymentConfiguration iamRole launchType platformVersion
      region
    `),
    nestedComputedUnlessSet: { deploymentConfiguration: words("bakeTimeInMinutes strategy") },
  },
};
