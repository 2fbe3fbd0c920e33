import * as iam from "@pulumi/aws/iam";
import * as pulumi from "@pulumi/pulumi";
import { currentContext } from "../infra/context";
import { policyDocument, type Statement } from "../infra/security/policy";
import { deploying, previewing, reviewing } from "./permissions/statements";
import { StateStore } from "./stateStore";

/** What the workflows need. Its outputs are the variables that they read (docs/guides/pull-requests.md). */
export async function program(): Promise<pulumi.Inputs> {
  const { region, repository, environments, identityProviderArn } = deliverySettings();
  const context = await currentContext(region);
  const provider =
    identityProviderArn ??
    new iam.OpenIdConnectProvider("github", {
      url: `https://${ISSUER}`,
      clientIdLists: [AUDIENCE],
      tags: context.tags,
    }).arn;

  const store = new StateStore("state", { context });
  const state = {
    bucketArn: store.bucketArn,
    objectsArn: pulumi.interpolate`${store.bucketArn}/*`,
    keyArn: store.keyArn,
  };
  const may = subjects(repository, environments);
  const role = (
    name: string,
    who: readonly string[],
    statements: readonly Statement[],
  ): pulumi.Output<string> => {
    const made = new iam.Role(name, {
      assumeRolePolicy: assumedByGithub(provider, who),
      maxSessionDuration: 3600,
      tags: context.tags,
    });
    new iam.RolePolicy(`${name}-policy`, { role: made.name, policy: policyDocument(statements) });
    return made.arn;
  };

  return {
    AWS_REGION: region,
    AWS_PREVIEW_ROLE: role("preview", may.preview, previewing(context, state)),
    AWS_REVIEW_ROLE: role("review", may.review, reviewing),
    AWS_DEPLOY_ROLE: role("deploy", may.deploy, deploying(context, state)),
    PULUMI_BACKEND_URL: pulumi.interpolate`s3://${store.bucketName}?region=${region}&awssdk=v2`,
    secretsProvider: pulumi.interpolate`awskms:///${store.keyArn}?region=${region}`,
  };
}

/** What a stack of this project may set; Pulumi.yaml describes it. */
export interface DeliverySettings {
  readonly region: string;
  /** `OWNER/NAME` on GitHub. */
  readonly repository: string;
  readonly environments: readonly string[];
  /** Undefined where this stack makes the identity provider. */
  readonly identityProviderArn: string | undefined;
}

/** @throws pulumi.RunError naming every setting that is wrong, with the command that fixes it. */
export function deliverySettings(): DeliverySettings {
  const own = new pulumi.Config();
  const settings = {
    region: new pulumi.Config("aws").get("region") ?? "",
    repository: own.get("repository") ?? "",
    environments: own.getObject<unknown>("environments") ?? ["prod"],
    identityProviderArn: own.get("identityProviderArn") || undefined,
  };
  const problems = settingsProblems(settings);
  if (problems.length > 0) throw new pulumi.RunError(problems.join("\n"));
  return settings as DeliverySettings;
}

type Given = { readonly [setting in keyof DeliverySettings]: unknown };

/** What is wrong, one line each. A name with a `*` would let in everything that matches it. */
export function settingsProblems({ region, repository, environments, identityProviderArn }: Given): string[] {
  const list = Array.isArray(environments) ? environments : [];
  return [
    ...(matches(region, /^[a-z]{2}(-[a-z]+)+-\d$/)
      ? []
      : [`aws:region is ${shown(region)}: pulumi config set aws:region eu-west-1`]),
    ...(matches(repository, /^[\w.-]+\/[\w.-]+$/)
      ? []
      : [`repository is ${shown(repository)}, not OWNER/NAME: pulumi config set repository OWNER/NAME`]),
    ...(list.length > 0 && list.every((each) => matches(each, /^[\w.-]+$/))
      ? []
      : [
          `environments is ${shown(environments)}, not a list of names: pulumi config set --path 'environments[0]' prod`,
        ]),
    ...(identityProviderArn === undefined ||
    matches(identityProviderArn, /^arn:[\w-]+:iam::\d{12}:oidc-provider\//)
      ? []
      : [`identityProviderArn is ${shown(identityProviderArn)}, not the ARN of an identity provider`]),
  ];
}

const matches = (value: unknown, pattern: RegExp): boolean =>
  typeof value === "string" && pattern.test(value);

const shown = (value: unknown): string =>
  value === "" || value === undefined ? "not set" : JSON.stringify(value);

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
