import { arn, digitsOf, type ServiceModels, text, upperAlphanumeric } from "./resourceState";

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
