/**
 * What makes, changes and removes each type of the auth stack, by its type token. Reading is in `reading.ts`. A test holds
 * the list against what the stacks declare: a type more or less turns it red.
 */
export const DEPLOYING: { readonly [type: string]: readonly string[] } = {
  "aws:appautoscaling/policy:Policy": [
    "application-autoscaling:PutScalingPolicy",
    "application-autoscaling:DeleteScalingPolicy",
  ],
  "aws:appautoscaling/target:Target": [
    "application-autoscaling:RegisterScalableTarget",
    "application-autoscaling:DeregisterScalableTarget",
    "application-autoscaling:TagResource",
    "application-autoscaling:UntagResource",
  ],
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": ["cloudwatch:PutCompositeAlarm"],
  "aws:cloudwatch/dashboard:Dashboard": ["cloudwatch:PutDashboard", "cloudwatch:DeleteDashboards"],
  "aws:cloudwatch/logGroup:LogGroup": [
    "logs:CreateLogGroup",
    "logs:DeleteLogGroup",
    "logs:PutRetentionPolicy",
    "logs:AssociateKmsKey",
    "logs:TagResource",
    "logs:UntagResource",
  ],
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": ["logs:PutMetricFilter", "logs:DeleteMetricFilter"],
  "aws:cloudwatch/metricAlarm:MetricAlarm": [
    "cloudwatch:PutMetricAlarm",
    "cloudwatch:DeleteAlarms",
    "cloudwatch:TagResource",
    "cloudwatch:UntagResource",
  ],
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": [
    "ec2:RevokeSecurityGroupIngress",
    "ec2:RevokeSecurityGroupEgress",
  ],
  "aws:ec2/eip:Eip": ["ec2:AllocateAddress", "ec2:ReleaseAddress", "ec2:DisassociateAddress"],
  "aws:ec2/flowLog:FlowLog": [
    "ec2:CreateFlowLogs",
    "ec2:DeleteFlowLogs",
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
  ],
  "aws:ec2/internetGateway:InternetGateway": [
    "ec2:CreateInternetGateway",
    "ec2:DeleteInternetGateway",
    "ec2:AttachInternetGateway",
    "ec2:DetachInternetGateway",
  ],
  "aws:ec2/natGateway:NatGateway": ["ec2:CreateNatGateway", "ec2:DeleteNatGateway"],
  "aws:ec2/route:Route": ["ec2:CreateRoute", "ec2:ReplaceRoute", "ec2:DeleteRoute"],
  "aws:ec2/routeTable:RouteTable": ["ec2:CreateRouteTable", "ec2:DeleteRouteTable"],
  "aws:ec2/routeTableAssociation:RouteTableAssociation": [
    "ec2:AssociateRouteTable",
    "ec2:DisassociateRouteTable",
    "ec2:ReplaceRouteTableAssociation",
  ],
  "aws:ec2/securityGroup:SecurityGroup": ["ec2:CreateSecurityGroup", "ec2:DeleteSecurityGroup"],
  "aws:ec2/subnet:Subnet": ["ec2:CreateSubnet", "ec2:DeleteSubnet", "ec2:ModifySubnetAttribute"],
  "aws:ec2/vpc:Vpc": [
    "ec2:CreateVpc",
    "ec2:DeleteVpc",
    "ec2:ModifyVpcAttribute",
    "ec2:CreateTags",
    "ec2:DeleteTags",
  ],
  "aws:ec2/vpcEndpoint:VpcEndpoint": [
    "ec2:CreateVpcEndpoint",
    "ec2:DeleteVpcEndpoints",
    "ec2:ModifyVpcEndpoint",
  ],
  "aws:ecs/cluster:Cluster": [
    "ecs:CreateCluster",
    "ecs:DeleteCluster",
    "ecs:UpdateCluster",
    "ecs:TagResource",
    "ecs:UntagResource",
  ],
  "aws:ecs/service:Service": ["ecs:CreateService", "ecs:DeleteService", "ecs:UpdateService"],
  "aws:ecs/taskDefinition:TaskDefinition": ["ecs:RegisterTaskDefinition", "ecs:DeregisterTaskDefinition"],
  "aws:iam/role:Role": [
    "iam:CreateRole",
    "iam:DeleteRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
    "iam:TagRole",
    "iam:UntagRole",
  ],
  "aws:iam/rolePolicy:RolePolicy": ["iam:PutRolePolicy", "iam:DeleteRolePolicy"],
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ["iam:AttachRolePolicy", "iam:DetachRolePolicy"],
  "aws:kms/alias:Alias": ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"],
  "aws:kms/key:Key": [
    "kms:CreateKey",
    "kms:ScheduleKeyDeletion",
    "kms:EnableKeyRotation",
    "kms:PutKeyPolicy",
    "kms:UpdateKeyDescription",
    "kms:TagResource",
    "kms:UntagResource",
    // RDS and CloudWatch Logs are given the use of the key by the principal that makes the resource.
    "kms:CreateGrant",
  ],
  "aws:lb/listener:Listener": [
    "elasticloadbalancing:CreateListener",
    "elasticloadbalancing:DeleteListener",
    "elasticloadbalancing:ModifyListener",
    "elasticloadbalancing:ModifyListenerAttributes",
  ],
  "aws:lb/loadBalancer:LoadBalancer": [
    "elasticloadbalancing:CreateLoadBalancer",
    "elasticloadbalancing:DeleteLoadBalancer",
    "elasticloadbalancing:ModifyLoadBalancerAttributes",
    "elasticloadbalancing:SetSecurityGroups",
    "elasticloadbalancing:SetSubnets",
    "elasticloadbalancing:AddTags",
    "elasticloadbalancing:RemoveTags",
  ],
  "aws:lb/targetGroup:TargetGroup": [
    "elasticloadbalancing:CreateTargetGroup",
    "elasticloadbalancing:DeleteTargetGroup",
    "elasticloadbalancing:ModifyTargetGroup",
    "elasticloadbalancing:ModifyTargetGroupAttributes",
  ],
  "aws:rds/instance:Instance": [
    "rds:CreateDBInstance",
    "rds:DeleteDBInstance",
    "rds:ModifyDBInstance",
    "rds:RebootDBInstance",
    "rds:CreateDBSnapshot",
    "rds:AddTagsToResource",
    "rds:RemoveTagsFromResource",
    // The password that RDS keeps for us, made on our behalf.
    "secretsmanager:CreateSecret",
    "secretsmanager:TagResource",
  ],
  "aws:rds/parameterGroup:ParameterGroup": [
    "rds:CreateDBParameterGroup",
    "rds:DeleteDBParameterGroup",
    "rds:ModifyDBParameterGroup",
    "rds:ResetDBParameterGroup",
  ],
  "aws:rds/proxy:Proxy": ["rds:CreateDBProxy", "rds:DeleteDBProxy", "rds:ModifyDBProxy"],
  "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": ["rds:ModifyDBProxyTargetGroup"],
  "aws:rds/proxyTarget:ProxyTarget": ["rds:RegisterDBProxyTargets", "rds:DeregisterDBProxyTargets"],
  "aws:rds/subnetGroup:SubnetGroup": [
    "rds:CreateDBSubnetGroup",
    "rds:DeleteDBSubnetGroup",
    "rds:ModifyDBSubnetGroup",
  ],
  "aws:s3/bucket:Bucket": ["s3:CreateBucket", "s3:DeleteBucket", "s3:PutBucketTagging"],
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": ["s3:PutLifecycleConfiguration"],
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": ["s3:PutBucketOwnershipControls"],
  "aws:s3/bucketPolicy:BucketPolicy": ["s3:PutBucketPolicy", "s3:DeleteBucketPolicy"],
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": ["s3:PutBucketPublicAccessBlock"],
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": [
    "s3:PutEncryptionConfiguration",
  ],
  "aws:s3/bucketVersioning:BucketVersioning": ["s3:PutBucketVersioning"],
  "aws:sns/topic:Topic": [
    "sns:CreateTopic",
    "sns:DeleteTopic",
    "sns:SetTopicAttributes",
    "sns:TagResource",
    "sns:UntagResource",
  ],
  "aws:sns/topicPolicy:TopicPolicy": ["sns:SetTopicAttributes"],
  "aws:sns/topicSubscription:TopicSubscription": [
    "sns:Subscribe",
    "sns:Unsubscribe",
    "sns:SetSubscriptionAttributes",
  ],
  "aws:ssm/parameter:Parameter": [
    "ssm:PutParameter",
    "ssm:DeleteParameter",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:AddTagsToResource",
    "ssm:RemoveTagsFromResource",
  ],
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": [
    "ec2:AuthorizeSecurityGroupEgress",
    "ec2:ModifySecurityGroupRules",
  ],
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": [
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:ModifySecurityGroupRules",
  ],
};

/** Types whose permissions hold for resources of certain names alone, so that the role cannot reach the account's others. */
const NAMED = /^aws:(iam|s3|ssm)\//;

/** Actions on resources whose names say nothing: held within the region. */
export const inRegion: readonly string[] = actions((type) => !NAMED.test(type));

/** Actions of one service whose resources are named. */
export const named = (service: "iam" | "s3" | "ssm"): readonly string[] =>
  actions((type) => type.startsWith(`aws:${service}/`));

function actions(isMeant: (type: string) => boolean): readonly string[] {
  const all = Object.entries(DEPLOYING).flatMap(([type, own]) => (isMeant(type) ? own : []));
  return [...new Set(all)].sort();
}
