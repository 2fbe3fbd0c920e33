import { ACCOUNT_ID } from "../../../policies/plan/provider";
import { arn, lastPart, type ServiceModels, text, uuid } from "./resourceState";

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
