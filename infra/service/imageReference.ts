/** A repository of Amazon ECR: what the execution role may pull from. */
export interface EcrRepository {
  readonly accountId: string;
  readonly region: string;
  readonly name: string;
}

/**
 * The ECR repository that an image comes from, or undefined when it comes from elsewhere (a public registry,
 * which needs no permission).
 * @example ecrRepository("123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/auth:1.0.0")?.name // "team/auth"
 */
export function ecrRepository(image: string): EcrRepository | undefined {
  const match = /^(\d{12})\.dkr\.ecr\.([\w-]+)\.amazonaws\.com(?:\.cn)?\/([^:@]+)/.exec(image);
  const [, accountId, region, name] = match ?? [];
  if (accountId === undefined || region === undefined || name === undefined) return undefined;
  return { accountId, region, name };
}
