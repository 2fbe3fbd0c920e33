import * as ec2 from "@pulumi/aws/ec2";
import * as pulumi from "@pulumi/pulumi";
import type { Context } from "../context";
import { policyDocument } from "../security/policy";
import type { EgressArgs } from "./egress";

export interface S3EndpointArgs extends EgressArgs {
  /**
   * Lets nothing through but image layers of ECR. Not beside NAT, where S3 can be reached anyway and a registry
   * other than ECR may keep its own layers there.
   */
  readonly imageLayersOnly: boolean;
}

/** The way to S3, where ECR keeps image layers. A gateway endpoint costs nothing and spares the NAT its bytes. */
export class S3Endpoint extends pulumi.ComponentResource {
  readonly prefixListId: pulumi.Output<string>;

  constructor(name: string, args: S3EndpointArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auth:network:S3Endpoint", name, {}, opts);
    const endpoint = new ec2.VpcEndpoint(
      name,
      {
        vpcId: args.vpcId,
        serviceName: `com.amazonaws.${args.context.region}.s3`,
        vpcEndpointType: "Gateway",
        routeTableIds: args.routeTables.map((table) => table.id),
        ...(args.imageLayersOnly && { policy: imageLayers(args.context) }),
        tags: args.context.tags,
      },
      { parent: this },
    );
    this.prefixListId = endpoint.prefixListId;
    this.registerOutputs({ prefixListId: this.prefixListId });
  }
}

/**
 * Reads the bucket in which ECR keeps this region's layers, and nothing else. Any principal: the layers come by
 * links that ECR has signed, not by the task's own credentials.
 * Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-minimum-s3-perms
 */
function imageLayers({ partition, region }: Context): pulumi.Output<string> {
  return policyDocument([
    {
      Sid: "ReadImageLayers",
      Principal: "*",
      Action: "s3:GetObject",
      Resource: `arn:${partition}:s3:::prod-${region}-starport-layer-bucket/*`,
    },
  ]);
}
