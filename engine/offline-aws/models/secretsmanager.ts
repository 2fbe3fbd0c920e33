import { arn, type ServiceModels, text, uuid } from "./resourceState";

/** Behaviour of secrets and their versions. */
export const secretsmanager: ServiceModels = {
  "aws:secretsmanager/secret:Secret": {
    replaceOn: ["name", "namePrefix", "type"],
    id: (inputs, digits, region) =>
      arn("secretsmanager", region, `secret:${text(inputs, "name")}-${digits("id", 6)}`),
    outputs: ({ id }) => ({ arn: id, policy: "" }),
  },
  "aws:secretsmanager/secretVersion:SecretVersion": {
    replaceOn: ["secretBinary", "secretId", "secretString", "secretStringWoVersion"],
    secretOutputs: ["secretBinary", "secretString", "secretStringWo"],
    id: (inputs, digits) => `${text(inputs, "secretId")}|${uuid(digits("id", 32))}`,
    outputs: ({ id, inputs }) => ({
      arn: text(inputs, "secretId"),
      hasSecretStringWo: inputs.secretStringWoVersion !== undefined,
      secretArn: text(inputs, "secretId"),
      versionId: id.split("|").at(-1) ?? "",
      versionStages: ["AWSCURRENT"],
    }),
  },
};
