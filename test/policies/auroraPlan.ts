import type { PlanResource } from "../../policies/plan/plan";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../policies/plan/plan";
import { resource, urn } from "./samplePlan";

export const CLUSTER = urn("aws:rds/cluster:Cluster", "aurora");
export const CLUSTER_GROUP = urn("aws:rds/clusterParameterGroup:ClusterParameterGroup", "aurora-params");
export const member = (name: string): string => urn("aws:rds/clusterInstance:ClusterInstance", name);

/** What a test may change of the sample cluster: Aurora PostgreSQL 16 with one instance and a group that sets nothing. */
export interface AuroraSample {
  readonly cluster: PropertyMap;
  /** Parameters of the cluster's group; undefined for a cluster with AWS's default group. */
  readonly parameters: readonly PropertyValue[] | undefined;
  readonly family: string;
  /** Properties of each instance, by its name. */
  readonly members: { readonly [name: string]: PropertyMap };
  /** Parameters of an instance's own group, by the instance's name. */
  readonly memberParameters: { readonly [name: string]: readonly PropertyValue[] };
}

const SAMPLE: AuroraSample = {
  cluster: {},
  parameters: [],
  family: "aurora-postgresql16",
  members: { "aurora-0": { instanceClass: "db.r6g.large" } },
  memberParameters: {},
};

/** A first preview of an Aurora cluster: its identifier, which the provider makes, is not known. */
export function auroraPlan(changes: Partial<AuroraSample> = {}): PlanResource[] {
  const sample = { ...SAMPLE, ...changes };
  const hasGroup = sample.parameters !== undefined;
  const engine = sample.cluster.engine ?? "aurora-postgresql";
  return [
    resource(
      "aws:rds/cluster:Cluster",
      "aurora",
      {
        clusterIdentifier: UNKNOWN,
        engine,
        engineVersion: "16.4",
        engineMode: "provisioned",
        dbClusterParameterGroupName: hasGroup ? "aurora-params-1234567" : UNKNOWN,
        masterPassword: "hunter2-the-password",
        ...sample.cluster,
      },
      hasGroup ? { dbClusterParameterGroupName: [CLUSTER_GROUP] } : {},
    ),
    ...(hasGroup
      ? [
          resource("aws:rds/clusterParameterGroup:ClusterParameterGroup", "aurora-params", {
            name: "aurora-params-1234567",
            family: sample.family,
            parameters: sample.parameters ?? [],
          }),
        ]
      : []),
    ...Object.entries(sample.members).flatMap(([name, properties]) =>
      memberOf(name, { engine, ...properties }, sample.memberParameters[name], sample.family),
    ),
  ];
}

function memberOf(
  name: string,
  properties: PropertyMap,
  parameters: readonly PropertyValue[] | undefined,
  family: string,
): PlanResource[] {
  const group = `${name}-params`;
  const dependencies = { clusterIdentifier: [CLUSTER] };
  const common: PropertyMap = {
    clusterIdentifier: UNKNOWN,
    identifier: UNKNOWN,
    dbParameterGroupName: UNKNOWN,
  };
  if (parameters === undefined) {
    return [
      resource("aws:rds/clusterInstance:ClusterInstance", name, { ...common, ...properties }, dependencies),
    ];
  }
  return [
    resource("aws:rds/parameterGroup:ParameterGroup", group, { name: group, family, parameters }),
    resource(
      "aws:rds/clusterInstance:ClusterInstance",
      name,
      { ...common, dbParameterGroupName: group, ...properties },
      { ...dependencies, dbParameterGroupName: [urn("aws:rds/parameterGroup:ParameterGroup", group)] },
    ),
  ];
}

/** `max_connections` as a group's only parameter, applied in the way that PostgreSQL needs. */
export const limitTo = (value: PropertyValue): readonly PropertyValue[] => [
  { name: "max_connections", value, applyMethod: "pending-reboot" },
];
