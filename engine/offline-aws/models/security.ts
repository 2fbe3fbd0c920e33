import { ACCOUNT_ID } from "../../../policies/plan/provider";
import {
  arn,
  digitsOf,
  lastPart,
  type ResourceState,
  type ServiceModels,
  text,
  upperAlphanumeric,
  uuid,
} from "./resourceState";

/** AWS names an identity provider after its issuer's address, without the scheme. */
const issuer = (inputs: Parameters<typeof text>[0]): string => text(inputs, "url").replace(/^https:\/\//, "");

/** Behaviour of roles and their policies. IAM is global: no region in its ARNs. */
export const iam: ServiceModels = {
  "aws:iam/openIdConnectProvider:OpenIdConnectProvider": {
    replaceOn: ["url"],
    id: (inputs) => arn("iam", "", `oidc-provider/${issuer(inputs)}`),
    outputs: ({ id }) => ({
      arn: id,
      // Of the issuer's certificate: any forty digits, as nothing here asks for one.
      thumbprintLists: [digitsOf(id)("thumbprint", 40)],
    }),
  },
  "aws:iam/role:Role": {
    replaceOn: ["name", "namePrefix", "path"],
    id: (inputs) => text(inputs, "name"),
    outputs: ({ id, inputs }) => ({
      arn: arn("iam", "", `role${text(inputs, "path") || "/"}${id}`),
      // Any fixed moment: a clock would make two equal deployments differ.
      createDate: "2024-09-02T04:30:00Z",
      inlinePolicies: [],
      managedPolicyArns: [],
      uniqueId: `AROA${upperAlphanumeric(digitsOf(id)("unique-id", 17))}`,
    }),
  },
  "aws:iam/rolePolicy:RolePolicy": {
    replaceOn: ["name", "namePrefix", "role"],
    id: (inputs) => `${text(inputs, "role")}:${text(inputs, "name")}`,
    outputs: () => ({}),
  },
  // Made first and deleted second, the deletion would take away what was just made: both are the same pair.
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {
    replaceOn: ["policyArn", "role"],
    deleteBeforeReplace: true,
    id: (inputs) => `${text(inputs, "role")}/${text(inputs, "policyArn")}`,
    outputs: () => ({}),
  },
};

/** The policy AWS gives a key made without one: the account may do everything. */
const DEFAULT_POLICY = JSON.stringify({
  Id: "key-default-1",
  Statement: [
    {
      Action: "kms:*",
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${ACCOUNT_ID}:root` },
      Resource: "*",
      Sid: "Enable IAM User Permissions",
    },
  ],
  Version: "2012-10-17",
});

/** Behaviour of keys and their aliases. */
export const kms: ServiceModels = {
  "aws:kms/key:Key": {
    replaceOn: ["customKeyStoreId", "customerMasterKeySpec", "keyUsage", "multiRegion", "xksKeyId"],
    id: (_inputs, digits) => uuid(digits("id", 32)),
    outputs: ({ id, inputs, region }) => ({
      arn: arn("kms", region, `key/${id}`),
      description: "",
      keyId: id,
      multiRegion: false,
      policy: DEFAULT_POLICY,
      rotationPeriodInDays: inputs.enableKeyRotation === true ? 365 : 0,
    }),
  },
  "aws:kms/alias:Alias": {
    replaceOn: ["name", "namePrefix"],
    id: (inputs) => text(inputs, "name"),
    outputs: ({ id, inputs, region }) => ({
      arn: arn("kms", region, id),
      targetKeyArn: arn("kms", region, `key/${lastPart(text(inputs, "targetKeyId"))}`),
    }),
  },
};

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
