import * as iam from "@pulumi/aws/iam";
import * as pulumi from "@pulumi/pulumi";
import { currentContext } from "../infra/context";
import { policyDocument, type Statement } from "../infra/security/policy";
import { deploying, previewing, reviewing } from "./permissions/statements";
import { deliverySettings } from "./settings";
import { StateStore } from "./stateStore";
import { AUDIENCE, assumedByGithub, ISSUER, subjects } from "./trust";

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
