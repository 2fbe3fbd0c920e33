import type { PlanResource } from "../plan";
import type { PlanIndex } from "../planIndex";
import { ENDS } from "./databaseLinks";
import { withVersions } from "./valueSources";

/**
 * Kinds of resources that hold connections and whose pools no property shows, in words. What only stands by a
 * database (a security group, an alarm, a DNS record, a secret, a role) is not among them.
 */
const KINDS: ReadonlyMap<string, string> = new Map([
  ["aws:ec2/instance:Instance", "an EC2 instance"],
  ["aws:ec2/spotInstanceRequest:SpotInstanceRequest", "an EC2 instance"],
  ["aws:ec2/launchTemplate:LaunchTemplate", "a launch template"],
  ["aws:ec2/launchConfiguration:LaunchConfiguration", "a launch configuration"],
  ["aws:elasticbeanstalk/environment:Environment", "an Elastic Beanstalk environment"],
  ["aws:apprunner/service:Service", "an App Runner service"],
  ["aws:batch/jobDefinition:JobDefinition", "a Batch job"],
  ["aws:codebuild/project:Project", "a CodeBuild project"],
  ["aws:glue/connection:Connection", "a Glue connection"],
  ["aws:dms/endpoint:Endpoint", "a DMS endpoint"],
  ["aws:quicksight/dataSource:DataSource", "a QuickSight data source"],
  [
    "aws:lightsail/containerServiceDeploymentVersion:ContainerServiceDeploymentVersion",
    "a Lightsail service",
  ],
  ["kubernetes:apps/v1:Deployment", "a Kubernetes deployment"],
  ["kubernetes:apps/v1:StatefulSet", "a Kubernetes stateful set"],
  ["kubernetes:apps/v1:DaemonSet", "a Kubernetes daemon set"],
  ["kubernetes:core/v1:Pod", "a Kubernetes pod"],
  ["kubernetes:batch/v1:Job", "a Kubernetes job"],
  ["kubernetes:batch/v1:CronJob", "a Kubernetes cron job"],
  ["kubernetes:helm.sh/v3:Release", "a Helm release"],
]);

const TYPES: ReadonlySet<string> = new Set(KINDS.keys());

/** Resources of these kinds whose properties are made from a database, its secret or its proxy, with their kind. */
export function otherClients(index: PlanIndex): { readonly resource: PlanResource; readonly kind: string }[] {
  return index
    .ofType(TYPES)
    .filter((resource) => dependsOnDatabase(resource, index))
    .map((resource) => ({ resource, kind: KINDS.get(resource.type) ?? resource.type }));
}

function dependsOnDatabase(resource: PlanResource, index: PlanIndex): boolean {
  const urns = Object.values(resource.propertyDependencies).flat();
  return index.reach(withVersions(urns, index), ENDS).length > 0;
}
