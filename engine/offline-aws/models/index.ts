import { ec2Endpoints, ec2Network, ec2SecurityGroups } from "./ec2";
import { appautoscaling, ecs } from "./ecs";
import { lambda } from "./lambda";
import { lb } from "./lb";
import { cloudwatch, sns } from "./monitoring";
import { rds } from "./rds";
import { rdsClusters } from "./rdsClusters";
import type { ResourceModel, ServiceModels } from "./resourceState";
import { s3 } from "./s3";
import { iam, kms, secretsmanager, ssm } from "./security";

const MODELS: ServiceModels = {
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

/** How a type behaves once it exists; undefined when the offline provider does not know it. */
export function modelOf(type: string): ResourceModel | undefined {
  return Object.hasOwn(MODELS, type) ? MODELS[type] : undefined;
}

/** Every type the offline provider can create. */
export function modelledTypes(): readonly string[] {
  return Object.keys(MODELS);
}
