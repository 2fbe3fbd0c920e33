import { IAM_NAME } from "./nameRules";
import { type ServiceSemantics, words } from "./types";

/** Roles and their policies. */
export const iam: ServiceSemantics = {
  "aws:iam/openIdConnectProvider:OpenIdConnectProvider": {
    required: words("clientIdLists url"),
    computed: words("arn tagsAll"),
    computedUnlessSet: words("thumbprintLists"),
  },
  "aws:iam/role:Role": {
    required: words("assumeRolePolicy"),
    autoName: { property: "name", separator: "-", maxLength: 64, unless: "namePrefix", rule: IAM_NAME },
    defaults: { forceDetachPolicies: false, maxSessionDuration: 3600, path: "/" },
    documents: words("assumeRolePolicy"),
    computed: words("arn createDate tagsAll uniqueId"),
    computedUnlessSet: words("inlinePolicies managedPolicyArns namePrefix"),
  },
  "aws:iam/rolePolicy:RolePolicy": {
    required: words("policy role"),
    autoName: { property: "name", separator: "-", maxLength: 255, unless: "namePrefix" },
    documents: words("policy"),
    computed: [],
    computedUnlessSet: words("namePrefix"),
  },
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {
    required: words("policyArn role"),
    computed: [],
    computedUnlessSet: words(""),
  },
};
