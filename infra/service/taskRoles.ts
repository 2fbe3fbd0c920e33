import * as iam from "@pulumi/aws/iam";
import * as pulumi from "@pulumi/pulumi";
import type { Context } from "../context";
import { assumedBy, policyDocument, type Statement } from "../security/policy";
import { ecrRepository } from "./imageReference";

export interface TaskRolesArgs {
  readonly context: Context;
  readonly image: string;
  readonly logGroupArn: pulumi.Input<string>;
  /** Parameters that the container's environment is filled from. */
  readonly parameterArns: string | readonly string[];
  /** What the program in the container may do. */
  readonly may: readonly Statement[];
}

/**
 * The two roles of a task. `execution` is ECS's own, to start the container: this image, this log group, these
 * parameters. `task` is the program's, for what it is told it may do. Metrics leave as log lines, so no permission to
 * publish them is needed.
 */
export class TaskRoles extends pulumi.ComponentResource {
  readonly executionRoleArn: pulumi.Output<string>;
  readonly taskRoleArn: pulumi.Output<string>;

  constructor(name: string, args: TaskRolesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auth:service:TaskRoles", name, {}, opts);
    const { context } = args;
    const parent = { parent: this };
    const assumeRolePolicy = assumedBy(context, "ecs-tasks.amazonaws.com", { service: "ecs", resource: "*" });

    const execution = new iam.Role(`${name}-execution`, { assumeRolePolicy, tags: context.tags }, parent);
    new iam.RolePolicy(
      `${name}-execution-policy`,
      {
        role: execution.name,
        policy: policyDocument([
          {
            Sid: "WriteLog",
            Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
            Resource: pulumi.interpolate`${args.logGroupArn}:*`,
          },
          { Sid: "ReadDatabaseHost", Action: "ssm:GetParameters", Resource: args.parameterArns },
          ...pullStatements(context, args.image),
        ]),
      },
      parent,
    );

    const task = new iam.Role(`${name}-task`, { assumeRolePolicy, tags: context.tags }, parent);
    new iam.RolePolicy(`${name}-task-policy`, { role: task.name, policy: policyDocument(args.may) }, parent);

    this.executionRoleArn = execution.arn;
    this.taskRoleArn = task.arn;
    this.registerOutputs({ executionRoleArn: this.executionRoleArn, taskRoleArn: this.taskRoleArn });
  }
}

function pullStatements({ partition }: Context, image: string): readonly Statement[] {
  const repository = ecrRepository(image);
  if (repository === undefined) return [];
  const { region, accountId, name } = repository;
  return [
    {
      Sid: "PullImage",
      Action: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      Resource: `arn:${partition}:ecr:${region}:${accountId}:repository/${name}`,
    },
    // AWS allows no resource here: the token is for the registry as a whole (Service Authorization Reference, ECR).
    { Sid: "LogInToRegistry", Action: "ecr:GetAuthorizationToken", Resource: "*" },
  ];
}
