import { appautoscaling } from "./appautoscaling";
import { cloudwatch } from "./cloudwatch";
import { ec2Endpoints } from "./ec2Endpoints";
import { ec2Network } from "./ec2Network";
import { ec2SecurityGroups } from "./ec2SecurityGroups";
import { ecs } from "./ecs";
import { iam } from "./iam";
import { kms } from "./kms";
import { lambda } from "./lambda";
import { lb } from "./lb";
import { rds } from "./rds";
import { rdsClusters } from "./rdsClusters";
import { s3 } from "./s3";
import { secretsmanager } from "./secretsmanager";
import { sns } from "./sns";
import { ssm } from "./ssm";
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
