import * as pulumi from "@pulumi/pulumi";

/** What a stack of this project may set; Pulumi.yaml describes it. */
export interface DeliverySettings {
  readonly region: string;
  /** `OWNER/NAME` on GitHub. */
  readonly repository: string;
  readonly environments: readonly string[];
  /** Undefined where this stack makes the identity provider. */
  readonly identityProviderArn: string | undefined;
}

/** @throws pulumi.RunError naming every setting that is wrong, with the command that mends it. */
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

/** What is wrong, one line each. A name with a `*` would let in whoever matches it. */
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
