import type * as ec2 from "@pulumi/aws/ec2";

/** One subnet, and the zone it is in. */
export interface ZonedSubnet {
  readonly zone: string;
  readonly subnet: ec2.Subnet;
}

/** `a` of `eu-west-1a`. */
export function zoneLetter(zone: string): string {
  return zone.slice(-1);
}
