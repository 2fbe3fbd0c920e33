import { type ServiceSemantics, words } from "./types";

/** Secrets. */
export const secretsmanager: ServiceSemantics = {
  "aws:secretsmanager/secret:Secret": {
    required: [],
    autoName: { property: "name", separator: "-", maxLength: 255, unless: "namePrefix" },
    defaults: { forceOverwriteReplicaSecret: false, recoveryWindowInDays: 30 },
    computed: words("arn tagsAll"),
    computedUnlessSet: words("namePrefix policy region"),
  },
  "aws:secretsmanager/secretVersion:SecretVersion": {
    required: words("secretId"),
    computed: words("arn hasSecretStringWo secretArn versionId"),
    computedUnlessSet: words("region versionStages"),
  },
};
