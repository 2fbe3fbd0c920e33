/**
 * Resource types that may depend on a database without holding a connection to it. Whatever depends on one and is not
 * listed here is taken for a client that was not examined: a new type is rejected until it is listed, never accepted
 * because it is unknown.
 */
interface HarmlessType {
  /** Why it holds no connection, as a clause. */
  readonly reason: string;
  /** It hands the address or the password on: what takes a value from it is followed further. */
  readonly passesOn: boolean;
}

/** AWS types by service and name, as `@pulumi/aws` and `aws-native` spell them; Terraform's names follow from them. */
const AWS: readonly (HarmlessType & { readonly types: string })[] = [
  {
    reason: "it resolves to the database's address and opens no connection",
    passesOn: true,
    types: "route53:Record route53:RecordSet servicediscovery:Instance servicediscovery:Service",
  },
  {
    reason: "it stores a value for others to read and opens no connection",
    passesOn: true,
    types:
      "ssm:Parameter secretsmanager:Secret secretsmanager:SecretVersion s3:BucketObject s3:BucketObjectv2 s3:Object appconfig:HostedConfigurationVersion dynamodb:TableItem",
  },
  {
    reason:
      "it sets or rotates the password of a secret, briefly, with a connection from the operations reserve",
    passesOn: false,
    types:
      "secretsmanager:SecretRotation secretsmanager:RotationSchedule secretsmanager:SecretPolicy secretsmanager:ResourcePolicy secretsmanager:SecretTargetAttachment",
  },
  {
    reason: "it is a network rule",
    passesOn: false,
    types:
      "ec2:SecurityGroup ec2:SecurityGroupRule ec2:SecurityGroupAssociation vpc:SecurityGroupIngressRule vpc:SecurityGroupEgressRule ec2:SecurityGroupIngress ec2:SecurityGroupEgress ec2:NetworkAclRule ec2:NetworkAcl ec2:PrefixList ec2:ManagedPrefixList ec2:ManagedPrefixListEntry networkfirewall:RuleGroup wafv2:WebAcl",
  },
  {
    reason: "it monitors the database through AWS metrics, logs or events",
    passesOn: false,
    types:
      "cloudwatch:MetricAlarm cloudwatch:Alarm cloudwatch:CompositeAlarm cloudwatch:Dashboard cloudwatch:LogGroup cloudwatch:LogStream cloudwatch:LogMetricFilter cloudwatch:LogSubscriptionFilter cloudwatch:MetricStream cloudwatch:EventRule cloudwatch:QueryDefinition cloudwatch:AnomalyDetector cloudwatch:ContributorInsightRule logs:LogGroup logs:MetricFilter logs:SubscriptionFilter events:Rule sns:Topic sns:TopicPolicy sns:TopicSubscription devopsguru:ResourceCollection devopsguru:NotificationChannel resourcegroups:Group resourcegroups:Resource applicationinsights:Application",
  },
  {
    reason: "it grants or describes permissions",
    passesOn: false,
    types:
      "iam:Policy iam:ManagedPolicy iam:Role iam:RolePolicy iam:RolePolicyAttachment iam:UserPolicy iam:GroupPolicy iam:PolicyAttachment iam:InstanceProfile kms:Key kms:Alias kms:KeyPolicy kms:Grant ram:ResourceShare ram:ResourceAssociation",
  },
  {
    reason: "it backs up, tags, protects or tests the database through AWS APIs",
    passesOn: false,
    types:
      "backup:Plan backup:Selection backup:Vault backup:BackupPlan backup:BackupSelection backup:BackupVault dlm:LifecyclePolicy fis:ExperimentTemplate ssm:Association ssm:MaintenanceWindowTarget budgets:Budget cfg:Rule cfg:RemediationConfiguration config:ConfigRule accessanalyzer:Analyzer guardduty:Detector shield:Protection ec2:Tag",
  },
  {
    reason: "it adds or removes readers of a cluster, each with its own limit",
    passesOn: false,
    types:
      "appautoscaling:Target appautoscaling:Policy appautoscaling:ScheduledAction applicationautoscaling:ScalableTarget applicationautoscaling:ScalingPolicy",
  },
  {
    reason: "it is a part or a setting of the database",
    passesOn: false,
    types:
      "rds:Snapshot rds:ClusterSnapshot rds:SnapshotCopy rds:EventSubscription rds:SubnetGroup rds:ParameterGroup rds:ClusterParameterGroup rds:OptionGroup rds:RoleAssociation rds:ClusterRoleAssociation rds:GlobalCluster rds:ClusterActivityStream rds:InstanceAutomatedBackupsReplication rds:ExportTask rds:InstanceState rds:CustomDbEngineVersion rds:Certificate rds:ReservedInstance rds:Integration rds:ProxyTarget rds:ProxyDefaultTargetGroup rds:DbSubnetGroup rds:DbParameterGroup rds:DbClusterParameterGroup rds:DbProxyTargetGroup rds:DbSecurityGroup rds:SecurityGroup rds:ShardGroup docdb:ClusterParameterGroup docdb:SubnetGroup docdb:ClusterSnapshot docdb:EventSubscription docdb:GlobalCluster docdb:ClusterInstance lightsail:StaticIp neptune:ClusterInstance dsql:ClusterPeering",
  },
];

/** Types of other providers, by the beginning of the token. */
const OTHERS: readonly (HarmlessType & { readonly types: string })[] = [
  {
    reason: "it generates or stores a value and opens no connection",
    passesOn: true,
    types: "random: tls: time: std: pulumi-std: null: synced-folder:",
  },
  {
    reason: "it stores a value for the workloads of its cluster and opens no connection",
    passesOn: true,
    types:
      "kubernetes:core/v1:Secret kubernetes:core/v1:ConfigMap kubernetes:core/v1:Service kubernetes:core/v1:Endpoints kubernetes:discovery.k8s.io/",
  },
  {
    reason: "it is a network rule or a namespace",
    passesOn: false,
    types: "kubernetes:networking.k8s.io/v1:NetworkPolicy kubernetes:core/v1:Namespace",
  },
  {
    reason:
      "Pulumi manages it inside the database during the deployment, with connections from the operations reserve",
    passesOn: false,
    types: "postgresql: mysql: mssql:",
  },
  {
    reason: "it monitors the database from outside",
    passesOn: false,
    types:
      "datadog:index/monitor: datadog:index/dashboard pagerduty: opsgenie: newrelic:index/nrqlAlertCondition grafana:index/dashboard grafana:alerting/ grafana:oss/dashboard",
  },
];

/**
 * Types that may go into a container's definition and say nothing about a database: an image repository, a log group, a
 * load balancer. Made from these alone, a service whose containers are hidden is no client.
 */
const WITHOUT_DATABASE =
  "ecr:Repository ecr:RepositoryPolicy ecr:LifecyclePolicy ecr:PullThroughCacheRule ecrpublic:Repository cloudwatch:LogGroup cloudwatch:LogStream logs:LogGroup lb:LoadBalancer lb:TargetGroup lb:Listener lb:ListenerRule alb:LoadBalancer alb:TargetGroup alb:Listener elasticloadbalancingv2:LoadBalancer elasticloadbalancingv2:TargetGroup elasticloadbalancingv2:Listener s3:Bucket s3:BucketV2 sqs:Queue sns:Topic dynamodb:Table kinesis:Stream efs:FileSystem efs:AccessPoint elasticache:Cluster elasticache:ReplicationGroup elasticache:ServerlessCache cognito:UserPool cognito:UserPoolClient cognito:UserPoolDomain cloudfront:Distribution acm:Certificate acm:CertificateValidation route53:Zone iam:Role iam:Policy iam:InstanceProfile kms:Key kms:Alias ecs:Cluster ecs:CapacityProvider ec2:Vpc ec2:Subnet ec2:SecurityGroup ec2:Eip servicediscovery:PrivateDnsNamespace servicediscovery:HttpNamespace lambda:Function apigateway:RestApi apigateway:Stage apigatewayv2:Api apigatewayv2:Stage ses:EmailIdentity ses:DomainIdentity sesv2:EmailIdentity opensearch:Domain msk:Cluster mq:Broker sfn:StateMachine cloudwatch:EventBus xray:SamplingRule";
const OTHERS_WITHOUT_DATABASE =
  "awsx:ecr: docker:index/image:Image docker:index/registryImage: docker:image: docker-build:index: random:index/randomId: random:index/randomPet: random:index/randomString: random:index/randomUuid: random:index/randomInteger: cloudflare: ";

const HARMLESS = new Map(
  AWS.flatMap(({ types, ...row }) => listed(types).map((type) => [squeezed(type), row] as const)),
);
const SILENT = new Set(listed(WITHOUT_DATABASE).map(squeezed));

/** Why a type holds no connection though it depends on a database; undefined for every type not listed. */
export function harmless(type: string): HarmlessType | undefined {
  const row = awsNames(type).flatMap((name) => HARMLESS.get(name) ?? [])[0];
  return row ?? OTHERS.find(({ types }) => listed(types).some((start) => type.startsWith(start)));
}

/** Whether what is made from a resource of this type says nothing about a database. */
export const saysNothingOfDatabases = (type: string): boolean =>
  awsNames(type).some((name) => SILENT.has(name)) ||
  listed(OTHERS_WITHOUT_DATABASE).some((start) => type.startsWith(start));

/**
 * The ways an AWS type may be listed: `aws:rds/snapshot:Snapshot`, `aws-native:rds:DbSnapshot`, Terraform's
 * `aws:index/dbSnapshot:DbSnapshot` and a module's `x:tf:aws_db_snapshot`, without separators and in lower case.
 */
function awsNames(type: string): readonly string[] {
  const [provider, middle = "", name = ""] = type.split(":");
  if (middle === "tf" && name.startsWith("aws_")) return terraformNames(name.slice("aws_".length));
  if (provider === "aws" && middle.startsWith("index/")) return terraformNames(name);
  if (provider !== "aws" && provider !== "aws-native") return [];
  return [squeezed(`${middle.split("/")[0]}:${name}`)];
}

/** Terraform leaves the service out of EC2's names and writes `db` for RDS. */
function terraformNames(name: string): readonly string[] {
  const plain = squeezed(name);
  return [plain, `ec2${plain}`, ...(plain.startsWith("db") ? [`rds${plain.slice(2)}`] : [])];
}

function listed(types: string): readonly string[] {
  return types.split(" ").filter((type) => type !== "");
}

function squeezed(name: string): string {
  return name.replace(/[^a-z0-9]/gi, "").toLowerCase();
}
