import { arn, type ResourceState, type ServiceModels, text } from "./resourceState";

/** Every write of a value makes a new version. */
function version({ change, inputs, previous }: ResourceState): number {
  const before = previous?.version;
  if (change === "create" || typeof before !== "number") return 1;
  const isWritten = ["value", "insecureValue", "valueWoVersion", "description", "type"].some(
    (property) => inputs[property] !== undefined && inputs[property] !== previous?.[property],
  );
  return isWritten ? before + 1 : before;
}

/** Behaviour of parameters. */
export const ssm: ServiceModels = {
  "aws:ssm/parameter:Parameter": {
    replaceOn: ["dataType", "name"],
    secretOutputs: ["value", "valueWo"],
    id: (inputs) => text(inputs, "name"),
    outputs: (state) => {
      const { id, inputs, region } = state;
      const isSecure = text(inputs, "type") === "SecureString";
      return {
        arn: arn("ssm", region, `parameter/${id.replace(/^\//, "")}`),
        dataType: "text",
        hasValueWo: inputs.valueWoVersion !== undefined,
        keyId: isSecure ? "alias/aws/ssm" : "",
        tier: "Standard",
        // `insecureValue` is left out: it would repeat in clear what the program may hold as a secret.
        value: text(inputs, "insecureValue"),
        version: version(state),
      };
    },
  },
};
