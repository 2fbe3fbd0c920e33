/**
 * Type tokens the readers match on. Some resources have a second, older token for the same thing; both occur in
 * programs, so each set lists all of them.
 */
export const resourceTypes = {
  ecsCluster: new Set(["aws:ecs/cluster:Cluster"]),
  ecsService: new Set(["aws:ecs/service:Service"]),
  ecsTaskDefinition: new Set(["aws:ecs/taskDefinition:TaskDefinition"]),
  ecsTaskSet: new Set(["aws:ecs/taskSet:TaskSet"]),
  lambdaFunction: new Set(["aws:lambda/function:Function"]),
  scalingTarget: new Set(["aws:appautoscaling/target:Target"]),
  scheduledAction: new Set(["aws:appautoscaling/scheduledAction:ScheduledAction"]),
  rdsInstance: new Set(["aws:rds/instance:Instance"]),
  rdsCluster: new Set(["aws:rds/cluster:Cluster"]),
  rdsParameterGroup: new Set(["aws:rds/parameterGroup:ParameterGroup"]),
  rdsProxy: new Set(["aws:rds/proxy:Proxy"]),
  rdsProxyTarget: new Set(["aws:rds/proxyTarget:ProxyTarget"]),
  loadBalancer: new Set([
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:alb/loadBalancer:LoadBalancer",
    "aws:applicationloadbalancing/loadBalancer:LoadBalancer",
    "aws:elasticloadbalancingv2/loadBalancer:LoadBalancer",
  ]),
  targetGroup: new Set([
    "aws:lb/targetGroup:TargetGroup",
    "aws:alb/targetGroup:TargetGroup",
    "aws:applicationloadbalancing/targetGroup:TargetGroup",
    "aws:elasticloadbalancingv2/targetGroup:TargetGroup",
  ]),
  listener: new Set([
    "aws:lb/listener:Listener",
    "aws:alb/listener:Listener",
    "aws:applicationloadbalancing/listener:Listener",
    "aws:elasticloadbalancingv2/listener:Listener",
  ]),
  listenerRule: new Set([
    "aws:lb/listenerRule:ListenerRule",
    "aws:alb/listenerRule:ListenerRule",
    "aws:applicationloadbalancing/listenerRule:ListenerRule",
    "aws:elasticloadbalancingv2/listenerRule:ListenerRule",
  ]),
  ssmParameter: new Set(["aws:ssm/parameter:Parameter"]),
  secret: new Set(["aws:secretsmanager/secret:Secret"]),
  secretVersion: new Set(["aws:secretsmanager/secretVersion:SecretVersion"]),
} as const;
