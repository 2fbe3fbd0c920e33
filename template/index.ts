import { PolicyPack } from "@pulumi/policy";
import { poolproofPolicies } from "poolproof/policies";

new PolicyPack("connection-pools", {
  policies: [
    // Without `only` it is every rule. `settings` takes what a policy config says under "poolproof-settings".
    ...poolproofPolicies({ only: ["pool-floor", "connection-budget"], settings: { undecided: "warn" } }),
    // Your own policies go here: https://www.pulumi.com/docs/insights/policy/policy-packs/authoring/
  ],
});
