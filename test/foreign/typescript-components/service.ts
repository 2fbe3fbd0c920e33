import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

export interface WebServiceArgs {
    cluster: aws.ecs.Cluster;
    tasks: number;
    pool: number;
    rps: number;
    holdMs: number;
    databaseHost: pulumi.Input<string>;
}

export class WebService extends pulumi.ComponentResource {
    constructor(name: string, args: WebServiceArgs, opts?: pulumi.ComponentResourceOptions) {
        super("logistics:app:WebService", name, {}, opts);
        const parent = { parent: this };
        const variables: Record<string, string> = {
            NODE_ENV: "production",
            DB_POOL_MAX: `${args.pool}`,
            DB_POOL_ACQUIRE_TIMEOUT_MS: "2000",
            DB_QUERY_TIMEOUT_MS: "6000",
            REQUEST_TIMEOUT_MS: "15000",
        };
        const task = new aws.ecs.TaskDefinition(`${name}-task`, {
            family: `logistics-${name}`,
            cpu: "256",
            memory: "512",
            networkMode: "awsvpc",
            requiresCompatibilities: ["FARGATE"],
            containerDefinitions: pulumi.output(args.databaseHost).apply((host) => JSON.stringify([{
                name,
                image: `123456789012.dkr.ecr.us-east-1.amazonaws.com/${name}:latest`,
                environment: Object.entries(variables).map(([key, value]) => ({ name: key, value })),
                secrets: [{ name: "DB_HOST", valueFrom: host }],
            }])),
        }, parent);
        new aws.ecs.Service(`${name}-service`, {
            cluster: args.cluster.id,
            taskDefinition: task.arn,
            desiredCount: args.tasks,
            deploymentMaximumPercent: 150,
            deploymentMinimumHealthyPercent: 100,
            tags: {
                "team": "logistics",
                "poolproof:peak-requests-per-second": `${args.rps}`,
                "poolproof:db-hold-ms": `${args.holdMs}`,
            },
        }, parent);
        this.registerOutputs();
    }
}
