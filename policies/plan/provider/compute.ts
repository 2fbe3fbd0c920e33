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

/** Lambda. What the code hashes to is known only once it is uploaded. */
export const lambda: ServiceSemantics = {
  "aws:lambda/function:Function": {
    required: words("role"),
    autoName: { property: "name", separator: "-", maxLength: 64 },
    defaults: {
      memorySize: 128,
      packageType: "Zip",
      publish: false,
      reservedConcurrentExecutions: -1,
      skipDestroy: false,
      timeout: 3,
    },
    numbers: words("memorySize reservedConcurrentExecutions timeout"),
    computed: words(`
      arn invokeArn lastModified qualifiedArn qualifiedInvokeArn responseStreamingInvokeArn signingJobArn
      signingProfileVersionArn sourceCodeSize tagsAll version
    `),
    computedUnlessSet: words(`
      architectures codeSha256 ephemeralStorage loggingConfig region sourceCodeHash tracingConfig
    `),
  },
  "aws:lambda/eventSourceMapping:EventSourceMapping": {
    required: words("functionName"),
    defaults: { enabled: true },
    numbers: words(`
      batchSize maximumBatchingWindowInSeconds maximumRecordAgeInSeconds maximumRetryAttempts
      parallelizationFactor tumblingWindowInSeconds
    `),
    computed: words(`
      arn functionArn lastModified lastProcessingResult state stateTransitionReason tagsAll uuid
    `),
    computedUnlessSet: words(`
      amazonManagedKafkaEventSourceConfig maximumRecordAgeInSeconds maximumRetryAttempts
      parallelizationFactor region selfManagedKafkaEventSourceConfig
    `),
  },
  "aws:lambda/permission:Permission": {
    required: words("action function principal"),
    computed: [],
    computedUnlessSet: words("region statementId statementIdPrefix"),
  },
  "aws:lambda/alias:Alias": {
    required: words("functionName functionVersion"),
    autoName: { property: "name", separator: "-", maxLength: 128 },
    computed: words("arn invokeArn"),
    computedUnlessSet: words("region"),
  },
  "aws:lambda/functionUrl:FunctionUrl": {
    required: words("authorizationType functionName"),
    defaults: { invokeMode: "BUFFERED" },
    computed: words("functionArn functionUrl urlId"),
    computedUnlessSet: words("region"),
  },
};
