import { getCallerIdentity } from "@pulumi/aws/getCallerIdentity";
import { getPartition } from "@pulumi/aws/getPartition";
import * as pulumi from "@pulumi/pulumi";

/** Where a stack lives and what its resources are called. Every value is known at preview. */
export interface Context {
  /** Name of what AWS lets us name, unique in account and region: `auth-prod`. */
  readonly name: string;
  readonly region: string;
  readonly accountId: string;
  /** `aws`, or `aws-cn` and the like: the second part of every ARN. */
  readonly partition: string;
  /** On everything that can be tagged. */
  readonly tags: { readonly [key: string]: string };
}

/** Asks AWS whose account this is. */
export async function currentContext(region: string): Promise<Context> {
  const [identity, partition] = await Promise.all([getCallerIdentity(), getPartition()]);
  const project = pulumi.getProject();
  const stack = pulumi.getStack();
  return {
    name: physicalName(project, stack),
    region,
    accountId: identity.accountId,
    partition: partition.partition,
    tags: { project, stack, "managed-by": "pulumi" },
  };
}

/** ARN of something in this account and region. */
export function arn({ partition, region, accountId }: Context, service: string, resource: string): string {
  return `arn:${partition}:${service}:${region}:${accountId}:${resource}`;
}

/**
 * A name that every AWS service takes: lower-case letters, digits and single hyphens, and short enough for an RDS
 * identifier with room for a suffix.
 */
export function physicalName(project: string, stack: string): string {
  return `${project}-${stack}`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 50)
    .replace(/^-|-$/g, "");
}
