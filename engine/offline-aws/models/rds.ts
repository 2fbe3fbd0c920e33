import type { PropertyMap, PropertyValue } from "../../../policies/plan/plan";
import { ACCOUNT_ID } from "../../../policies/plan/provider";
import {
  arn,
  digitsOf,
  ec2Id,
  type ResourceState,
  type ServiceModels,
  text,
  upperAlphanumeric,
  uuid,
} from "./resourceState";

/** Ports of the engines, by the start of their names (RDS User Guide, "Settings for DB instances"). */
const PORTS: readonly (readonly [string, number])[] = [
  ["postgres", 5432],
  ["aurora-postgresql", 5432],
  ["oracle", 1521],
  ["sqlserver", 1433],
  ["db2", 50000],
];

/** In one account and region every endpoint shares twelve characters, `chuqccm8uxqx` in AWS's examples. */
export function endpointDomain(region: string): string {
  return `${digitsOf(`${ACCOUNT_ID}\n${region}`)("rds", 12)}.${region}.rds.amazonaws.com`;
}

export function portOf(inputs: PropertyMap): number {
  const given = inputs.port;
  if (typeof given === "number") return given;
  const engine = text(inputs, "engine");
  return PORTS.find(([start]) => engine.startsWith(start))?.[1] ?? 3306;
}

/** The engine version of a database that names none: whichever AWS prefers on the day. */
const VERSIONS: { readonly [engine: string]: string } = {
  "aurora-postgresql": "17.5",
  "aurora-mysql": "8.0.mysql_aurora.3.08.2",
  mariadb: "11.4.7",
  mysql: "8.0.42",
  postgres: "17",
};

export const versionOf = (inputs: PropertyMap): string =>
  text(inputs, "engineVersion") || (VERSIONS[text(inputs, "engine")] ?? "17.5");

/** What the name of a parameter group's family ends in: `17` for PostgreSQL, `8.0` for MySQL, `10.11` for MariaDB. */
export function familyVersion(inputs: PropertyMap): string {
  const [major = "", minor = "0"] = versionOf(inputs).split(".");
  const engine = text(inputs, "engine");
  // PostgreSQL's major version has been one number since 10.
  const hasTwo =
    engine.endsWith("mysql") || engine === "mariadb" || (engine === "postgres" && Number(major) < 10);
  return hasTwo ? `${major}.${minor}` : major;
}

/** AWS names and keeps the master password itself: the state holds where, never what. */
export function masterUserSecrets({ id, inputs, region }: ResourceState): readonly PropertyValue[] {
  if (inputs.manageMasterUserPassword !== true) return [];
  const digits = digitsOf(id);
  const key = text(inputs, "masterUserSecretKmsKeyId");
  return [
    {
      kmsKeyId: key || arn("kms", region, `key/${uuid(digits("default-secrets-key", 32))}`),
      secretArn: arn(
        "secretsmanager",
        region,
        `secret:rds!db-${uuid(digits("secret", 32))}-${digits("ending", 6)}`,
      ),
      secretStatus: "active",
    },
  ];
}

function instanceOutputs(state: ResourceState): PropertyMap {
  const { id, inputs, region } = state;
  const engine = text(inputs, "engine");
  const version = versionOf(inputs);
  const family = familyVersion(inputs);
  const port = portOf(inputs);
  const address = `${text(inputs, "identifier")}.${endpointDomain(region)}`;
  return {
    address,
    arn: arn("rds", region, `db:${text(inputs, "identifier")}`),
    availabilityZone: `${region}a`,
    backupRetentionPeriod: 0,
    backupTarget: "region",
    backupWindow: "03:00-03:30",
    caCertIdentifier: "rds-ca-rsa2048-g1",
    databaseInsightsMode: "standard",
    dbSubnetGroupName: "default",
    endpoint: `${address}:${port}`,
    engineLifecycleSupport: "open-source-rds-extended-support",
    engineVersion: version,
    // A major version alone gets its newest minor, whichever that is on the day.
    engineVersionActual: version.includes(".") ? version : `${version}.6`,
    hostedZoneId: `Z${digitsOf(region)("rds-zone", 13).toUpperCase()}`,
    iops: 0,
    kmsKeyId: "",
    latestRestorableTime: "",
    licenseModel: engine === "postgres" ? "postgresql-license" : "general-public-license",
    listenerEndpoints: [],
    maintenanceWindow: "sun:04:00-sun:04:30",
    masterUserSecretKmsKeyId: "",
    masterUserSecrets: masterUserSecrets(state),
    monitoringRoleArn: "",
    multiAz: false,
    networkType: "IPV4",
    optionGroupName: `default:${engine}-${family.replace(".", "-")}`,
    parameterGroupName: `default.${engine}${family}`,
    performanceInsightsRetentionPeriod: inputs.performanceInsightsEnabled === true ? 7 : 0,
    port,
    replicas: [],
    resourceId: id,
    status: "available",
    storageThroughput: 0,
    storageType: "gp2",
    upgradeRolloutOrder: "second",
    vpcSecurityGroupIds: [],
  };
}

/** Behaviour of database instances, their groups, and RDS Proxy. */
export const rds: ServiceModels = {
  // The id is the resource id, not the identifier, and a new identifier is an update in place: both since version 5
  // of the Terraform provider (its issue 32590, and "id is no longer the identifier" in its upgrade guide).
  "aws:rds/instance:Instance": {
    replaceOn: [
      "availabilityZone",
      "backupTarget",
      "characterSetName",
      "customIamInstanceProfile",
      "dbName",
      "engine",
      "kmsKeyId",
      "ncharCharacterSetName",
      "restoreToPointInTime",
      "snapshotIdentifier",
      "storageEncrypted",
      "timezone",
      "username",
    ],
    secretOutputs: ["password", "passwordWo"],
    id: (_inputs, digits) => `db-${upperAlphanumeric(digits("id", 26))}`,
    outputs: instanceOutputs,
  },
  "aws:rds/parameterGroup:ParameterGroup": {
    replaceOn: ["description", "family", "name", "namePrefix"],
    id: (inputs) => text(inputs, "name"),
    outputs: ({ id, region }) => ({ arn: arn("rds", region, `pg:${id}`) }),
  },
  "aws:rds/subnetGroup:SubnetGroup": {
    replaceOn: ["name", "namePrefix"],
    id: (inputs) => text(inputs, "name"),
    outputs: ({ id, region }) => ({
      arn: arn("rds", region, `subgrp:${id}`),
      supportedNetworkTypes: ["IPV4"],
      // AWS looks it up from the subnets; nothing here knows which network they are in.
      vpcId: ec2Id("vpc", digitsOf(id)("vpc", 16)),
    }),
  },
  "aws:rds/proxy:Proxy": {
    replaceOn: ["endpointNetworkType", "engineFamily", "name", "targetConnectionNetworkType", "vpcSubnetIds"],
    id: (inputs) => text(inputs, "name"),
    outputs: ({ id, region }) => ({
      arn: arn("rds", region, `db-proxy:${ec2Id("prx", digitsOf(id)("proxy", 16))}`),
      defaultAuthScheme: "NONE",
      endpoint: `${id}.proxy-${endpointDomain(region)}`,
      endpointNetworkType: "IPV4",
      idleClientTimeout: 1800,
      targetConnectionNetworkType: "IPV4",
      vpcSecurityGroupIds: [],
    }),
    nestedOutputs: { auths: { clientPasswordAuthType: "" } },
  },
  "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": {
    replaceOn: ["dbProxyName"],
    id: (inputs) => text(inputs, "dbProxyName"),
    outputs: ({ id, region }) => ({
      arn: arn("rds", region, `target-group:${ec2Id("prx-tg", digitsOf(id)("target-group", 16))}`),
      connectionPoolConfig: {
        connectionBorrowTimeout: 120,
        maxConnectionsPercent: 100,
        maxIdleConnectionsPercent: 50,
      },
      name: "default",
    }),
  },
  "aws:rds/proxyEndpoint:ProxyEndpoint": {
    replaceOn: ["dbProxyEndpointName", "dbProxyName", "targetRole", "vpcSubnetIds"],
    id: (inputs) => `${text(inputs, "dbProxyName")}/${text(inputs, "dbProxyEndpointName")}`,
    outputs: ({ id, inputs, region }) => {
      const digits = digitsOf(id);
      return {
        arn: arn("rds", region, `db-proxy-endpoint:${ec2Id("prx-endpoint", digits("endpoint", 16))}`),
        endpoint: `${text(inputs, "dbProxyEndpointName")}.endpoint.proxy-${endpointDomain(region)}`,
        isDefault: false,
        vpcId: ec2Id("vpc", digits("vpc", 17)),
        vpcSecurityGroupIds: [],
      };
    },
  },
  "aws:rds/proxyTarget:ProxyTarget": {
    replaceOn: ["dbClusterIdentifier", "dbInstanceIdentifier", "dbProxyName", "targetGroupName"],
    id: (inputs) =>
      `${text(inputs, "dbProxyName")}/${text(inputs, "targetGroupName")}/` +
      (text(inputs, "dbInstanceIdentifier")
        ? `RDS_INSTANCE/${text(inputs, "dbInstanceIdentifier")}`
        : `TRACKED_CLUSTER/${text(inputs, "dbClusterIdentifier")}`),
    outputs: ({ inputs, region }) => {
      const instance = text(inputs, "dbInstanceIdentifier");
      const cluster = text(inputs, "dbClusterIdentifier");
      return {
        endpoint: `${instance || cluster}.${endpointDomain(region)}`,
        port: 5432,
        rdsResourceId: instance || cluster,
        targetArn: "",
        trackedClusterId: cluster,
        type: instance ? "RDS_INSTANCE" : "TRACKED_CLUSTER",
      };
    },
  },
};
