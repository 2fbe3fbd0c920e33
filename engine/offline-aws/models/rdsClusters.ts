import type { PropertyMap } from "../../../policies/plan/plan";
import { endpointDomain, familyVersion, masterUserSecrets, portOf, versionOf } from "./rds";
import {
  arn,
  digitsOf,
  type ResourceState,
  type ServiceModels,
  text,
  upperAlphanumeric,
  uuid,
} from "./resourceState";

/** Where no program gives a name, the provider makes one of its own at creation. */
const generated = (property: string, prefix: string, inputs: PropertyMap, digits: string): string =>
  text(inputs, property) || `${text(inputs, prefix) || "tf-"}${digits}`;

function clusterOutputs(state: ResourceState): PropertyMap {
  const { id, inputs, region } = state;
  const digits = digitsOf(id);
  const domain = endpointDomain(region);
  const version = versionOf(inputs);
  return {
    allocatedStorage: 1,
    applyImmediately: false,
    arn: arn("rds", region, `cluster:${id}`),
    autoMinorVersionUpgrade: true,
    availabilityZones: ["a", "b", "c"].map((zone) => `${region}${zone}`),
    backupRetentionPeriod: 1,
    caCertificateIdentifier: "",
    caCertificateValidTill: "",
    clusterIdentifier: id,
    clusterIdentifierPrefix: "",
    clusterMembers: [],
    clusterResourceId: `cluster-${upperAlphanumeric(digits("resource", 26))}`,
    clusterScalabilityType: "standard",
    databaseInsightsMode: "standard",
    databaseName: "",
    dbClusterParameterGroupName: `default.${text(inputs, "engine")}${familyVersion(inputs)}`,
    dbSubnetGroupName: "default",
    dbSystemId: "",
    endpoint: `${id}.cluster-${domain}`,
    engineLifecycleSupport: "open-source-rds-extended-support",
    engineVersion: version,
    engineVersionActual: version,
    hostedZoneId: `Z${digitsOf(region)("rds-zone", 13).toUpperCase()}`,
    iamRoles: [],
    kmsKeyId: "",
    masterUserSecretKmsKeyId: "",
    masterUserSecrets: masterUserSecrets(state),
    masterUsername: "",
    monitoringInterval: 0,
    monitoringRoleArn: "",
    networkType: "IPV4",
    performanceInsightsKmsKeyId: "",
    performanceInsightsRetentionPeriod: 0,
    port: portOf(inputs),
    preferredBackupWindow: "03:00-03:30",
    preferredMaintenanceWindow: "sun:04:00-sun:04:30",
    readerEndpoint: `${id}.cluster-ro-${domain}`,
    storageEncrypted: false,
    storageType: "",
    upgradeRolloutOrder: "second",
    vpcSecurityGroupIds: [],
  };
}

function instanceOutputs({ id, inputs, region }: ResourceState): PropertyMap {
  const digits = digitsOf(id);
  const version = versionOf(inputs);
  return {
    applyImmediately: false,
    arn: arn("rds", region, `db:${id}`),
    availabilityZone: `${region}a`,
    caCertIdentifier: "rds-ca-rsa2048-g1",
    dbParameterGroupName: `default.${text(inputs, "engine")}${familyVersion(inputs)}`,
    dbSubnetGroupName: "default",
    dbiResourceId: `db-${upperAlphanumeric(digits("resource", 26))}`,
    endpoint: `${id}.${endpointDomain(region)}`,
    engineVersion: version,
    engineVersionActual: version,
    identifier: id,
    identifierPrefix: "",
    kmsKeyId: arn("kms", region, `key/${uuid(digits("default-rds-key", 32))}`),
    monitoringRoleArn: "",
    networkType: "IPV4",
    performanceInsightsEnabled: false,
    performanceInsightsKmsKeyId: "",
    performanceInsightsRetentionPeriod: 0,
    port: portOf(inputs),
    preferredBackupWindow: "03:00-03:30",
    preferredMaintenanceWindow: "sun:04:00-sun:04:30",
    publiclyAccessible: false,
    storageEncrypted: false,
    // Which instance writes is the cluster's decision; the first to be made usually does.
    writer: true,
  };
}

/** Behaviour of Aurora and Multi-AZ clusters, their instances, endpoints and parameter groups. */
export const rdsClusters: ServiceModels = {
  "aws:rds/cluster:Cluster": {
    replaceOn: [
      "availabilityZones",
      "clusterIdentifier",
      "clusterIdentifierPrefix",
      "clusterScalabilityType",
      "databaseName",
      "dbSubnetGroupName",
      "dbSystemId",
      "engine",
      "engineMode",
      "kmsKeyId",
      "masterUsername",
      "restoreToPointInTime",
      "snapshotIdentifier",
      "sourceRegion",
      "storageEncrypted",
    ],
    secretOutputs: ["masterPassword", "masterPasswordWo"],
    id: (inputs, digits) =>
      generated("clusterIdentifier", "clusterIdentifierPrefix", inputs, digits("id", 26)),
    outputs: clusterOutputs,
    nestedOutputs: { serverlessv2ScalingConfiguration: { secondsUntilAutoPause: 0 } },
  },
  "aws:rds/clusterInstance:ClusterInstance": {
    replaceOn: [
      "availabilityZone",
      "clusterIdentifier",
      "customIamInstanceProfile",
      "dbSubnetGroupName",
      "engine",
      "identifier",
      "identifierPrefix",
    ],
    id: (inputs, digits) => generated("identifier", "identifierPrefix", inputs, digits("id", 26)),
    outputs: instanceOutputs,
  },
  "aws:rds/clusterEndpoint:ClusterEndpoint": {
    replaceOn: ["clusterEndpointIdentifier", "clusterIdentifier"],
    id: (inputs) => text(inputs, "clusterEndpointIdentifier"),
    outputs: ({ id, region }) => ({
      arn: arn("rds", region, `cluster-endpoint:${id}`),
      endpoint: `${id}.cluster-custom-${endpointDomain(region)}`,
    }),
  },
  "aws:rds/clusterParameterGroup:ClusterParameterGroup": {
    replaceOn: ["description", "family", "name", "namePrefix"],
    id: (inputs) => text(inputs, "name"),
    outputs: ({ id, region }) => ({ arn: arn("rds", region, `cluster-pg:${id}`) }),
  },
};
