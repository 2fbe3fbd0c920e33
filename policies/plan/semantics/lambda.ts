import { type ServiceSemantics, words } from "./types";

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
