import * as pulumi from "@pulumi/pulumi";

/** Who signs the tokens of GitHub's jobs, and for whom (GitHub Docs, "Configuring OpenID Connect in AWS"). */
export const ISSUER = "token.actions.githubusercontent.com";
export const AUDIENCE = "sts.amazonaws.com";

/**
 * Lets jobs of GitHub assume a role: those alone whose token has one of these subjects, to the letter.
 * @param subjects - Such as `repo:OWNER/NAME:environment:prod`.
 */
export function assumedByGithub(
  identityProviderArn: pulumi.Input<string>,
  subjects: readonly string[],
): pulumi.Output<string> {
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: "sts:AssumeRoleWithWebIdentity",
        Principal: { Federated: identityProviderArn },
        Condition: { StringEquals: { [`${ISSUER}:aud`]: AUDIENCE, [`${ISSUER}:sub`]: subjects } },
      },
    ],
  });
}

/** Subjects of the jobs that each role is for. A pull request of a fork gets no token at all. */
export function subjects(repository: string, environments: readonly string[]) {
  const main = `repo:${repository}:ref:refs/heads/main`;
  return {
    /** Pull requests, the plan of a deployment, and the nightly drift. */
    preview: [`repo:${repository}:pull_request`, main],
    /** Scheduled runs, which run on main. */
    review: [main],
    /** Jobs of an environment: they have been approved. Its branches are the environment's own rule. */
    deploy: environments.map((name) => `repo:${repository}:environment:${name}`),
  } as const;
}
