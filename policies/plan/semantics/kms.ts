import { KMS_ALIAS } from "./nameRules";
import { type ServiceSemantics, words } from "./types";

/** Encryption keys. */
export const kms: ServiceSemantics = {
  "aws:kms/key:Key": {
    required: [],
    defaults: {
      bypassPolicyLockoutSafetyCheck: false,
      customerMasterKeySpec: "SYMMETRIC_DEFAULT",
      enableKeyRotation: false,
      isEnabled: true,
      keyUsage: "ENCRYPT_DECRYPT",
    },
    computed: words("arn keyId tagsAll"),
    computedUnlessSet: words("description multiRegion policy region rotationPeriodInDays"),
  },
  "aws:kms/alias:Alias": {
    required: words("targetKeyId"),
    autoName: {
      property: "name",
      separator: "-",
      maxLength: 238,
      prefix: "alias/",
      unless: "namePrefix",
      rule: KMS_ALIAS,
    },
    computed: words("arn targetKeyArn"),
    computedUnlessSet: words("namePrefix region"),
  },
};
