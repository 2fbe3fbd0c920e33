import { arn, digitsOf, type ResourceState, type ServiceModels, text, uuid } from "./resourceState";

/** Lambda stamps every change; here all happens in one moment, so that the same inputs make the same outputs. */
const MODIFIED = "2024-01-01T00:00:00.000+0000";

const invokeArn = (functionArn: string, region: string): string =>
  `arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/${functionArn}/invocations`;

/** A function, an alias or an event source mapping names its function bare, with an alias, or by its ARN. */
function functionArn(reference: string, region: string): string {
  return reference.startsWith("arn:") ? reference : arn("lambda", region, `function:${reference}`);
}

/** Stands for the hash of the uploaded code: Lambda gives it in base64. */
const codeHash = ({ id, inputs }: ResourceState): string =>
  Buffer.from(digitsOf(`${id}\n${JSON.stringify(inputs)}`)("code", 64), "hex").toString("base64");

/** Behaviour of functions and of what calls them. */
export const lambda: ServiceModels = {
  "aws:lambda/function:Function": {
    replaceOn: ["name", "packageType"],
    id: (inputs) => text(inputs, "name"),
    outputs: (state) => {
      const { id, inputs, region } = state;
      const own = arn("lambda", region, `function:${id}`);
      const version = inputs.publish === true ? "1" : "$LATEST";
      return {
        architectures: ["x86_64"],
        arn: own,
        codeSha256: codeHash(state),
        ephemeralStorage: { size: 512 },
        invokeArn: invokeArn(own, region),
        lastModified: MODIFIED,
        loggingConfig: { logFormat: "Text", logGroup: `/aws/lambda/${id}` },
        qualifiedArn: `${own}:${version}`,
        qualifiedInvokeArn: invokeArn(`${own}:${version}`, region),
        responseStreamingInvokeArn: `arn:aws:apigateway:${region}:lambda:path/2021-11-15/functions/${own}/response-streaming-invocations`,
        signingJobArn: "",
        signingProfileVersionArn: "",
        sourceCodeHash: "",
        sourceCodeSize: 0,
        tracingConfig: { mode: "PassThrough" },
        version,
      };
    },
  },
  "aws:lambda/eventSourceMapping:EventSourceMapping": {
    replaceOn: ["eventSourceArn", "startingPosition", "startingPositionTimestamp"],
    id: (_inputs, digits) => uuid(digits("id", 32)),
    outputs: ({ id, inputs, region }) => ({
      amazonManagedKafkaEventSourceConfig: { consumerGroupId: "" },
      arn: arn("lambda", region, `event-source-mapping:${id}`),
      functionArn: functionArn(text(inputs, "functionName"), region),
      lastModified: MODIFIED,
      lastProcessingResult: "",
      maximumRecordAgeInSeconds: 0,
      maximumRetryAttempts: 0,
      parallelizationFactor: 0,
      selfManagedKafkaEventSourceConfig: { consumerGroupId: "" },
      state: inputs.enabled === false ? "Disabled" : "Enabled",
      stateTransitionReason: "USER_INITIATED",
      uuid: id,
    }),
  },
  "aws:lambda/permission:Permission": {
    replaceOn: [
      "action",
      "eventSourceToken",
      "function",
      "functionUrlAuthType",
      "principal",
      "principalOrgId",
      "qualifier",
      "sourceAccount",
      "sourceArn",
      "statementId",
      "statementIdPrefix",
    ],
    id: (inputs, digits) => text(inputs, "statementId") || `terraform-${digits("id", 26)}`,
    outputs: ({ id }) => ({ statementId: id, statementIdPrefix: "" }),
  },
  "aws:lambda/alias:Alias": {
    replaceOn: ["functionName", "name"],
    id: (inputs, _digits, region) =>
      `${functionArn(text(inputs, "functionName"), region)}:${text(inputs, "name")}`,
    outputs: ({ id, region }) => ({ arn: id, invokeArn: invokeArn(id, region) }),
  },
  "aws:lambda/functionUrl:FunctionUrl": {
    replaceOn: ["functionName", "qualifier"],
    id: (inputs) => text(inputs, "functionName"),
    outputs: ({ id, inputs, region }) => {
      const urlId = digitsOf(functionArn(id, region))("url", 32);
      return {
        functionArn: functionArn(text(inputs, "functionName"), region),
        functionUrl: `https://${urlId}.lambda-url.${region}.on.aws/`,
        urlId,
      };
    },
  },
};
