import { appautoscaling, ecs, lambda } from "./compute";
import { ec2Endpoints, ec2Network, ec2SecurityGroups, lb } from "./network";
import { cloudwatch, iam, kms, s3, secretsmanager, sns, ssm } from "./operations";
import { rds, rdsClusters } from "./rds";
import type { ResourceSemantics, ServiceSemantics } from "./types";

const TABLE: ServiceSemantics = {
  ...appautoscaling,
  ...cloudwatch,
  ...ec2Endpoints,
  ...ec2Network,
  ...ec2SecurityGroups,
  ...ecs,
  ...iam,
  ...kms,
  ...lambda,
  ...lb,
  ...rds,
  ...rdsClusters,
  ...s3,
  ...secretsmanager,
  ...sns,
  ...ssm,
};

/** The semantics of a type token such as `aws:rds/instance:Instance`; undefined when it is not in the table. */
export function semanticsOf(type: string): ResourceSemantics | undefined {
  return Object.hasOwn(TABLE, type) ? TABLE[type] : undefined;
}

/** Every type token in the table. */
export function knownTypes(): readonly string[] {
  return Object.keys(TABLE);
}
