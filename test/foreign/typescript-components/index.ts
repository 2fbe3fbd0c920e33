import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Postgres } from "./database";
import { WebService } from "./service";

interface ServiceConfig { name: string; pool: number; rps: number; holdMs: number }

const config = new pulumi.Config();
const services = config.requireObject<ServiceConfig[]>("services");
const tasks = config.requireNumber("tasks");

const database = new Postgres("core", {
    instanceClass: "db.m7g.large",
    maxConnections: 500,
    password: config.requireSecret("databasePassword"),
});
const cluster = new aws.ecs.Cluster("logistics");
for (const service of services) {
    new WebService(service.name, { ...service, cluster, tasks, databaseHost: database.hostParameter });
}

export const databaseArn = database.instance.arn;
