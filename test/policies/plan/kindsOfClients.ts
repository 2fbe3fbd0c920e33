import type { PlanResource } from "../../../policies/plan/plan";
import { type PropertyMap, UNKNOWN } from "../../../policies/plan/plan";
import { DATABASE, resource } from "../samplePlan";

/** Types that take a database's address by a property, in every dialect: each holds connections that no reader counts. */
const BY_DEPENDENCY = `
aws:ec2/instance:Instance userData
aws:ec2/spotInstanceRequest:SpotInstanceRequest userData
aws:ec2/launchTemplate:LaunchTemplate userData
aws:ec2/launchConfiguration:LaunchConfiguration userData
aws:elasticbeanstalk/environment:Environment settings
aws:apprunner/service:Service sourceConfiguration
aws:ecs/expressGatewayService:ExpressGatewayService primaryContainer
aws:batch/jobDefinition:JobDefinition containerProperties
aws:codebuild/project:Project environment
aws:glue/connection:Connection connectionProperties
aws:glue/job:Job defaultArguments
aws:glue/crawler:Crawler jdbcTargets
aws:dms/endpoint:Endpoint serverName
aws:mskconnect/connector:Connector connectorConfiguration
aws:quicksight/dataSource:DataSource parameters
aws:lightsail/containerServiceDeploymentVersion:ContainerServiceDeploymentVersion containers
aws:appsync/dataSource:DataSource relationalDatabaseConfig
aws:sagemaker/model:Model primaryContainer
aws:emr/cluster:Cluster configurationsJson
aws:kinesisanalyticsv2/application:Application applicationConfiguration
aws:amplify/app:App environmentVariables
aws:athena/dataCatalog:DataCatalog parameters
aws:cloudformation/stack:Stack parameters
aws:serverlessrepository/cloudFormationStack:CloudFormationStack parameters
aws:pipes/pipe:Pipe targetParameters
aws:scheduler/schedule:Schedule target
aws:sfn/stateMachine:StateMachine definition
aws:grafana/workspace:Workspace configuration
aws:mwaa/environment:Environment airflowConfigurationOptions
aws:ssm/document:Document content
aws-native:apprunner:Service sourceConfiguration
aws-native:ec2:Instance userData
aws-native:batch:JobDefinition containerProperties
aws-native:glue:Job defaultArguments
aws-native:elasticbeanstalk:Environment optionSettings
aws:index/instance:Instance userData
aws:index/apprunnerService:ApprunnerService sourceConfiguration
web:tf:aws_instance user_data
web:tf:aws_apprunner_service source_configuration
kubernetes:apps/v1:Deployment spec
kubernetes:apps/v1:StatefulSet spec
kubernetes:apps/v1:DaemonSet spec
kubernetes:apps/v1:ReplicaSet spec
kubernetes:core/v1:Pod spec
kubernetes:batch/v1:Job spec
kubernetes:batch/v1:CronJob spec
kubernetes:helm.sh/v3:Release values
kubernetes:helm.sh/v4:Chart values
kubernetes:argoproj.io/v1alpha1:Application spec
kubernetes:external-secrets.io/v1beta1:ExternalSecret spec
docker:index/container:Container envs
docker:index/service:Service taskSpec
command:local:Command environment
command:remote:Command create
pulumi-nodejs:dynamic:Resource props
azure-native:web:WebApp siteConfig
gcp:cloudrunv2/service:Service template
cloudflare:index/hyperdriveConfig:HyperdriveConfig origin
grafana:index/dataSource:DataSource url
airbyte:index/sourcePostgres:SourcePostgres configuration
nomad:index/job:Job jobspec
vercel:index/projectEnvironmentVariable:ProjectEnvironmentVariable value
acme:index/thing:Thing setting
`;

const lines = (text: string): readonly string[] => text.trim().split("\n");

/** One resource of each of these types, made from the sample's database. */
export const CLIENTS_BY_DEPENDENCY: readonly PlanResource[] = lines(BY_DEPENDENCY).map((line, i) => {
  const [type = "", property = ""] = line.split(" ");
  return resource(type, `client-${i}`, { [property]: UNKNOWN }, { [property]: [DATABASE] });
});

const ENDPOINT = "db1234567.c9akciq32abc.eu-west-1.rds.amazonaws.com";
const TEXTS: readonly (readonly [type: string, properties: PropertyMap])[] = [
  ["aws:ec2/instance:Instance", { userData: `#!/bin/sh\nexport DB_HOST=${ENDPOINT}` }],
  [
    "aws:apprunner/service:Service",
    { sourceConfiguration: { env: { URL: `postgres://app:pw@${ENDPOINT}/shop` } } },
  ],
  ["acme:index/thing:Thing", { setting: { deep: [{ deeper: ENDPOINT }] } }],
  ["acme:index/other:Other", { dbInstanceIdentifier: "db1234567" }],
  ["acme:index/third:Third", { resourceArn: "arn:aws:rds:eu-west-1:123456789012:db:db1234567" }],
  [
    "aws:batch/jobDefinition:JobDefinition",
    { containerProperties: `{"environment":[{"name":"X","value":"mysql://a@other/x"}]}` },
  ],
  ["aws:glue/job:Job", { defaultArguments: { "--url": "jdbc:postgresql://db.corp.internal:5432/shop" } }],
  [
    "kubernetes:apps/v1:ReplicaSet",
    { spec: { template: { spec: { containers: [{ env: [{ name: "H", value: ENDPOINT }] }] } } } },
  ],
];

/** Types that name a database in plain text alone. */
export const CLIENTS_BY_TEXT: readonly PlanResource[] = TEXTS.map(([type, properties], i) =>
  resource(type, `text-${i}`, properties),
);

const DATABASES: readonly (readonly [type: string, properties?: PropertyMap])[] = [
  ["aws:docdb/cluster:Cluster"],
  ["aws:dsql/cluster:Cluster"],
  ["aws:lightsail/database:Database"],
  ["aws:neptune/cluster:Cluster"],
  ["aws:redshift/cluster:Cluster"],
  ["aws-native:docdb:DbCluster"],
  ["aws-native:dsql:Cluster"],
  [
    "aws:cloudformation/stack:Stack",
    { templateBody: '{"Resources":{"Db":{"Type":"AWS::RDS::DBInstance"}}}' },
  ],
  ["aws-native:cloudformation:Stack", { templateBody: "Resources:\n  Db:\n    Type: AWS::RDS::DBCluster\n" }],
  ["aws:cloudcontrol/resource:Resource", { typeName: "AWS::RDS::DBInstance" }],
  ["gcp:sql/databaseInstance:DatabaseInstance"],
  ["gcp:alloydb/cluster:Cluster"],
  ["azure-native:dbforpostgresql:Server"],
  ["azure-native:dbforpostgresql/v20221201:FlexibleServer"],
  ["azure-native:dbformysql:FlexibleServer"],
  ["azure-native:sql:ManagedInstance"],
  ["azure:postgresql/flexibleServer:FlexibleServer"],
  ["digitalocean:index/databaseCluster:DatabaseCluster"],
  ["linode:index/databasePostgresqlV2:DatabasePostgresqlV2"],
  ["aiven:index/pg:Pg"],
  ["oci:Psql/dbSystem:DbSystem"],
  ["scaleway:index/databaseInstance:DatabaseInstance"],
  ["neon:index/project:Project"],
  ["planetscale:index/database:Database"],
  ["cockroach:index/cluster:Cluster"],
  ["kubernetes:postgresql.cnpg.io/v1:Cluster"],
  ["kubernetes:acid.zalan.do/v1:postgresql"],
  ["acme:index/store:Store", { engine: "postgres", version: "16" }],
];

/** Databases that no reader knows. */
export const UNREAD_DATABASES: readonly PlanResource[] = DATABASES.map(([type, properties = {}], i) =>
  resource(type, `database-${i}`, properties),
);
