import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

export interface PostgresArgs {
    instanceClass: pulumi.Input<string>;
    maxConnections: number;
    password: pulumi.Input<string>;
}

export class Postgres extends pulumi.ComponentResource {
    public readonly instance: aws.rds.Instance;
    public readonly hostParameter: pulumi.Output<string>;

    constructor(name: string, args: PostgresArgs, opts?: pulumi.ComponentResourceOptions) {
        super("logistics:data:Postgres", name, {}, opts);
        const parent = { parent: this };
        const group = new aws.rds.ParameterGroup(`${name}-params`, {
            family: "postgres17",
            parameters: Object.entries({
                max_connections: args.maxConnections,
                idle_in_transaction_session_timeout: 60000,
                statement_timeout: 5000,
                lock_timeout: 2000,
                log_connections: 1,
                log_disconnections: 1,
            }).map(([key, value]) => ({
                name: key,
                value: String(value),
                applyMethod: key === "max_connections" ? "pending-reboot" : "immediate",
            })),
        }, parent);
        this.instance = new aws.rds.Instance(`${name}-db`, {
            engine: "postgres",
            engineVersion: "17",
            instanceClass: args.instanceClass,
            allocatedStorage: 100,
            dbName: "logistics",
            username: "app",
            password: args.password,
            parameterGroupName: group.name,
            enabledCloudwatchLogsExports: ["postgresql"],
            storageEncrypted: true,
            skipFinalSnapshot: true,
        }, parent);
        const host = new aws.ssm.Parameter(`${name}-host`, {
            name: `/${name}/host`,
            type: "String",
            value: this.instance.address,
        }, parent);
        this.hostParameter = host.name;
        this.registerOutputs({ hostParameter: this.hostParameter });
    }
}
