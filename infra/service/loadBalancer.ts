import * as ec2 from "@pulumi/aws/ec2";
import * as lb from "@pulumi/aws/lb";
import * as s3 from "@pulumi/aws/s3";
import * as vpc from "@pulumi/aws/vpc";
import * as pulumi from "@pulumi/pulumi";
import { HEALTH_CHECK_SECONDS } from "../capacity";
import type { Listening } from "../config/stackConfig";
import type { Context } from "../context";
import { policyDocument } from "../security/policy";
import { HEALTH_PATH, SERVICE_PORT } from "./containerDefinition";

export interface LoadBalancerArgs {
  readonly context: Context;
  readonly vpcId: pulumi.Input<string>;
  readonly subnetIds: readonly pulumi.Input<string>[];
  /** Its subnets' way to the internet: without one AWS answers `InvalidSubnet: … has no internet gateway`. */
  readonly publicRoutes: readonly pulumi.Resource[];
  /** Address blocks that may call it. */
  readonly ingressCidrs: readonly string[];
  readonly listening: Listening;
  /** A connection on which nothing moves for so long is closed; the service keeps its side open for longer. */
  readonly idleTimeoutSeconds: number;
  /** How long a task that leaves may finish its requests. */
  readonly deregistrationDelaySeconds: number;
  /** Deletion protection, and access logs that outlive the stack. */
  readonly production: boolean;
  readonly accessLogRetentionDays: number;
}

/**
 * TLS 1.3, and 1.2 with forward secrecy only.
 * Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
 */
const TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06";

/**
 * The public entry: an application load balancer that speaks HTTPS and sends plain HTTP there.
 *
 * A web application firewall is left out on purpose: which rules, and who looks at what they refuse, is for the
 * organisation to decide; attach its web ACL to `loadBalancerArn`.
 */
export class LoadBalancer extends pulumi.ComponentResource {
  readonly url: pulumi.Output<string>;
  readonly loadBalancerArn: pulumi.Output<string>;
  /** Names it in CloudWatch: `app/NAME/ID`. */
  readonly arnSuffix: pulumi.Output<string>;
  readonly targetGroup: lb.TargetGroup;
  readonly securityGroupId: pulumi.Output<string>;
  /** Tasks can be registered once it is there. */
  readonly listener: lb.Listener;

  constructor(name: string, args: LoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auth:service:LoadBalancer", name, {}, opts);
    const { context } = args;
    const parent = { parent: this };

    const securityGroup = new ec2.SecurityGroup(
      `${name}-sg`,
      { vpcId: args.vpcId, description: "The load balancer of the auth service", tags: context.tags },
      parent,
    );
    this.letIn(name, securityGroup, args);

    const accessLogs = new AccessLogs(
      `${name}-logs`,
      { context, production: args.production, retentionDays: args.accessLogRetentionDays },
      parent,
    );
    const balancer = new lb.LoadBalancer(
      name,
      {
        loadBalancerType: "application",
        internal: false,
        subnets: [...args.subnetIds],
        securityGroups: [securityGroup.id],
        idleTimeout: args.idleTimeoutSeconds,
        // Requests that two parsers would read differently are what smuggling is made of.
        dropInvalidHeaderFields: true,
        desyncMitigationMode: "defensive",
        enableDeletionProtection: args.production,
        accessLogs: { enabled: true, bucket: accessLogs.bucketName },
        tags: context.tags,
      },
      { parent: this, dependsOn: [accessLogs, ...args.publicRoutes] },
    );
    this.targetGroup = new lb.TargetGroup(
      `${name}-tg`,
      {
        vpcId: args.vpcId,
        targetType: "ip",
        protocol: "HTTP",
        port: SERVICE_PORT,
        deregistrationDelay: args.deregistrationDelaySeconds,
        // A slow task gets fewer requests, where taking turns would let its queue grow.
        loadBalancingAlgorithmType: "least_outstanding_requests",
        // Liveness and nothing more: a check that took a connection would fail when the pool is busy, and the
        // load balancer would take away tasks exactly when all are needed.
        healthCheck: {
          path: HEALTH_PATH,
          matcher: "200",
          interval: HEALTH_CHECK_SECONDS,
          timeout: 5,
          healthyThreshold: 2,
          unhealthyThreshold: 3,
        },
        tags: context.tags,
      },
      parent,
    );
    this.listener = this.listen(name, balancer, args);

    this.loadBalancerArn = balancer.arn;
    this.arnSuffix = balancer.arnSuffix;
    this.securityGroupId = securityGroup.id;
    this.url = pulumi.interpolate`${args.listening.kind}://${balancer.dnsName}`;
    this.registerOutputs({ url: this.url });
  }

  private letIn(name: string, group: ec2.SecurityGroup, { ingressCidrs, listening }: LoadBalancerArgs): void {
    const ports = listening.kind === "https" ? [443, 80] : [80];
    for (const port of ports) {
      for (const [index, cidrIpv4] of ingressCidrs.entries()) {
        new vpc.SecurityGroupIngressRule(
          `${name}-in-${port}-${index}`,
          {
            securityGroupId: group.id,
            description: port === 443 ? "HTTPS" : "HTTP",
            ipProtocol: "tcp",
            fromPort: port,
            toPort: port,
            cidrIpv4,
          },
          { parent: this },
        );
      }
    }
  }

  private listen(
    name: string,
    balancer: lb.LoadBalancer,
    { listening, context }: LoadBalancerArgs,
  ): lb.Listener {
    const forward = { type: "forward", targetGroupArn: this.targetGroup.arn };
    const common = { loadBalancerArn: balancer.arn, tags: context.tags };
    if (listening.kind === "http") {
      return new lb.Listener(
        `${name}-http`,
        { ...common, port: 80, protocol: "HTTP", defaultActions: [forward] },
        { parent: this },
      );
    }
    new lb.Listener(
      `${name}-http`,
      {
        ...common,
        port: 80,
        protocol: "HTTP",
        defaultActions: [
          { type: "redirect", redirect: { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" } },
        ],
      },
      { parent: this },
    );
    return new lb.Listener(
      `${name}-https`,
      {
        ...common,
        port: 443,
        protocol: "HTTPS",
        sslPolicy: TLS_POLICY,
        certificateArn: listening.certificateArn,
        routingHttpResponseStrictTransportSecurityHeaderValue: "max-age=31536000",
        defaultActions: [forward],
      },
      { parent: this },
    );
  }
}

export interface AccessLogsArgs {
  readonly context: Context;
  /** Whether the bucket may only be deleted once it is empty. */
  readonly production: boolean;
  readonly retentionDays: number;
}

/**
 * The bucket for the load balancer's access logs.
 *
 * Encrypted with S3's own key: a load balancer cannot write to a bucket with any other (ELB User Guide, "Access
 * logs"). The bucket keeps no log of its own, which would be a log of the log.
 */
export class AccessLogs extends pulumi.ComponentResource {
  /** Writable once this component is there: depend on it. */
  readonly bucketName: pulumi.Output<string>;

  constructor(name: string, args: AccessLogsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auth:service:AccessLogs", name, {}, opts);
    const { context } = args;
    const parent = { parent: this };
    const bucket = new s3.Bucket(name, { forceDestroy: !args.production, tags: context.tags }, parent);
    const of = { bucket: bucket.bucket };
    const closed = new s3.BucketPublicAccessBlock(
      `${name}-closed`,
      {
        ...of,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      parent,
    );
    new s3.BucketOwnershipControls(
      `${name}-ownership`,
      { ...of, rule: { objectOwnership: "BucketOwnerEnforced" } },
      parent,
    );
    new s3.BucketServerSideEncryptionConfiguration(
      `${name}-encryption`,
      { ...of, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
      parent,
    );
    const versioning = new s3.BucketVersioning(
      `${name}-versioning`,
      { ...of, versioningConfiguration: { status: "Enabled" } },
      parent,
    );
    new s3.BucketLifecycleConfiguration(
      `${name}-lifecycle`,
      {
        ...of,
        rules: [
          {
            id: "expire",
            status: "Enabled",
            filter: { prefix: "" },
            expiration: { days: args.retentionDays },
            noncurrentVersionExpiration: { noncurrentDays: 7 },
            abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
          },
        ],
      },
      { parent: this, dependsOn: [versioning] },
    );
    new s3.BucketPolicy(
      `${name}-policy`,
      { ...of, policy: bucketPolicy(context, bucket.bucket) },
      { parent: this, dependsOn: [closed] },
    );
    this.bucketName = bucket.bucket;
    this.registerOutputs({ bucketName: this.bucketName });
  }
}

function bucketPolicy(context: Context, bucketName: pulumi.Output<string>): pulumi.Output<string> {
  const { partition, region, accountId } = context;
  const bucketArn = pulumi.interpolate`arn:${partition}:s3:::${bucketName}`;
  return policyDocument([
    {
      Sid: "LoadBalancersOfThisAccountWrite",
      Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
      Action: "s3:PutObject",
      Resource: pulumi.interpolate`${bucketArn}/AWSLogs/${accountId}/*`,
      Condition: {
        ArnLike: {
          "aws:SourceArn": `arn:${partition}:elasticloadbalancing:${region}:${accountId}:loadbalancer/*`,
        },
      },
    },
    {
      Sid: "TlsOnly",
      Effect: "Deny",
      Principal: "*",
      Action: "s3:*",
      Resource: [bucketArn, pulumi.interpolate`${bucketArn}/*`],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
  ]);
}
