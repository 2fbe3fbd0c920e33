import { arn, digitsOf, type ServiceModels, text, upperAlphanumeric } from "./made";

/** Behaviour of roles and their policies. IAM is global: no region in its ARNs. */
export const iam: ServiceModels = {
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
