import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../policies/plan/plan";
import { auroraPlan, CLUSTER, member } from "../auroraPlan";
import { poolAlarm } from "../sampleAlarms";
import { DATABASE, type Sample, SERVICE } from "../samplePlan";
import { PROXY, throughProxy } from "../sampleProxy";
import {
  BALANCER,
  finding,
  NOTHING,
  QUIET,
  rds,
  shape,
  TARGETS,
  targets,
  undecided,
  watching,
} from "./watchedAlarm";

/** The sample while its database has no name yet. */
const UNNAMED: Partial<Sample> = { database: { identifier: UNKNOWN } };

describe("the value of a dimension", () => {
  const of = (name: string) => `AWS/RDS DatabaseConnections of "${name}"`;
  const gone =
    "which no database or proxy of this stack is called: a name that is gone or mistyped is quiet for good.";
  const taken = (dimension: string) =>
    `Take \`${dimension}\` from the resource it watches; where that is part of another stack, describe it under \`databases\` in the policy configuration`;

  it.each([
    "DBInstanceIdentifier",
    "DBClusterIdentifier",
    "ProxyName",
  ])("of %s is a name of this stack, and undecided where nothing of it says which", (dimension) => {
    expect(shape(rds({ [dimension]: "gone" }))).toEqual(
      finding(`${of("gone")}, ${gone}`, taken(dimension), "gone"),
    );
    expect(shape(rds({ [dimension]: UNKNOWN }))).toEqual(
      undecided(
        `dimensions.${dimension}`,
        `what the dimension \`${dimension}\` is made from is not in this stack`,
      ),
    );
  });

  it("is not asked of what is no database's: a cluster, a target group or a narrower name may be anybody's", () => {
    const service = watching("AWS/ECS", "CPUUtilization", {
      ServiceName: "api-1234567",
      ClusterName: UNKNOWN,
    });
    expect(shape(service)).toEqual(NOTHING);
    expect(shape(targets({ LoadBalancer: UNKNOWN, TargetGroup: UNKNOWN }, BALANCER))).toEqual(NOTHING);
    expect(shape(rds({ DBInstanceIdentifier: "db1234567", DatabaseClass: "db.m7g.4xlarge" }))).toEqual(
      NOTHING,
    );
    const known = watching("AWS/ECS", "CPUUtilization", { ServiceName: UNKNOWN, ClusterName: "main" }, [
      SERVICE,
    ]);
    expect(shape(known)).toEqual(NOTHING);
  });

  it("may be that of a resource whose name is not known yet", () => {
    const long = "d".repeat(64);
    expect(shape(rds({ DBInstanceIdentifier: long }), UNNAMED)).toEqual(
      undecided(
        "dimensions.DBInstanceIdentifier",
        `no resource is known to be called "${long.slice(1)}" yet, and one may be`,
      ),
    );
  });

  it.each(["db-ABCDEFGHIJ", "cluster-ABCDEFGHIJKLMNOPQRSTUVWXY2"])("is not the resource id %s", (id) => {
    expect(shape(rds({ DBInstanceIdentifier: id }))).toEqual(
      finding(
        `${of(id)}, a resource id, under which RDS reports nothing: ${QUIET}.`,
        "Take the `identifier` in place of the `id`",
        id,
      ),
    );
  });

  it.each([
    "db-ABCDEFGHI",
    "my-db-ABCDEFGHIJ",
    "db-ABCDEFGHIJ-2",
    "db-abcdefghij",
  ])("is no resource id: %s", (name) => {
    expect(shape(rds({ DBInstanceIdentifier: name }))).toEqual(
      finding(`${of(name)}, ${gone}`, taken("DBInstanceIdentifier"), name),
    );
  });

  it("is shown as far as an identifier goes", () => {
    const long = "d".repeat(64);
    expect(shape(rds({ DBInstanceIdentifier: long }))).toEqual(
      finding(`${of("d".repeat(63))}, ${gone}`, taken("DBInstanceIdentifier"), "d".repeat(63)),
    );
  });

  it("is in lower case where RDS writes it so, and as it stands of a proxy", () => {
    const rejected = (given: string, small: string) =>
      finding(
        `${of(given)}, and RDS reports under the identifier in lower case: ${QUIET}.`,
        `Write "${small}"`,
        given,
      );
    expect(shape(rds({ DBInstanceIdentifier: "Db1234567" }))).toEqual(rejected("Db1234567", "db1234567"));
    const long = "D".repeat(64);
    expect(shape(rds({ DBInstanceIdentifier: long }, DATABASE), UNNAMED)).toEqual(
      rejected("D".repeat(63), "d".repeat(63)),
    );
    const cluster = { extra: auroraPlan({ cluster: { clusterIdentifier: "aurora" } }) };
    expect(shape(rds({ DBClusterIdentifier: "Aurora" }), cluster)).toEqual(rejected("Aurora", "aurora"));
    expect(shape(rds({ ProxyName: "Proxy" }), throughProxy({}, { proxy: { name: "Proxy" } }))).toEqual(
      NOTHING,
    );
  });

  it("that is made from an instance with a known identifier is another property of it", () => {
    expect(shape(rds({ DBInstanceIdentifier: UNKNOWN }, DATABASE))).toEqual(
      undecided(
        "dimensions.DBInstanceIdentifier",
        "db has its identifier already, and what the dimension `DBInstanceIdentifier` is made from is something else of it",
        {
          fix: "Take `identifier` of db: the `id` of an `aws.rds.Instance` is its resource id, under which RDS reports nothing",
        },
      ),
    );
    expect(shape(rds({ DBInstanceIdentifier: UNKNOWN }, DATABASE), UNNAMED)).toEqual(NOTHING);
  });

  it("may be the id of a cluster, of a cluster's instance and of a proxy, which is the name that RDS reports under", () => {
    const aurora = {
      extra: auroraPlan({
        cluster: { clusterIdentifier: "aurora" },
        members: { "aurora-0": { identifier: "aurora-0", instanceClass: "db.r6g.large" } },
      }),
    };
    expect(shape(rds({ DBInstanceIdentifier: UNKNOWN }, member("aurora-0")), aurora)).toEqual(NOTHING);
    expect(shape(rds({ DBClusterIdentifier: UNKNOWN }, CLUSTER), aurora)).toEqual(NOTHING);
    expect(shape(rds({ ProxyName: UNKNOWN }, PROXY), throughProxy())).toEqual(NOTHING);
  });

  it("is a text, and dimensions are an object that is known", () => {
    const wrong = (property: string, shown: string, expected: string) =>
      undecided(property, `\`${property}\` is ${shown}, not ${expected}`, { malformed: { shown, expected } });
    expect(shape(rds({ DBInstanceIdentifier: "db1234567", Role: 5 }))).toEqual(
      wrong("dimensions.Role", "5", "text"),
    );
    expect(shape(poolAlarm("hikaricp.connections.pending", { dimensions: { pool: true } }, "watch"))).toEqual(
      wrong("dimensions.pool", "true", "text"),
    );
    expect(shape(rds(["db1234567"]))).toEqual(wrong("dimensions", "a list", "an object of names and values"));
    expect(shape(rds(UNKNOWN, DATABASE))).toEqual(
      undecided("dimensions", "`dimensions` is not known before the deployment"),
    );
  });
});

describe("a load balancer and a target group", () => {
  const balancer = "app/alb/50dc6c495c0c9188";
  const group = "targetgroup/api/73e2d6bc24d8a067";

  it("go by the last part of their ARN, whose ever they are", () => {
    const named = { LoadBalancer: balancer, TargetGroup: group };
    expect(shape(targets(named, BALANCER, TARGETS))).toEqual(NOTHING);
    expect(shape(targets(named, BALANCER))).toEqual(NOTHING);
    expect(shape(targets({ ...named, AvailabilityZone: "eu-west-1a" }, BALANCER))).toEqual(NOTHING);
  });

  it.each([
    "alb",
    `arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/${balancer}`,
    `loadbalancer/${balancer}`,
    "app/alb",
    "app/alb/",
    "app//50dc6c495c0c9188",
    `${balancer}/f2f7dc8efc522ab2`,
    "net/nlb/50dc6c495c0c9188",
    group,
  ])("is no load balancer's: %s", (LoadBalancer) => {
    expect(shape(targets({ LoadBalancer, TargetGroup: UNKNOWN }, BALANCER, TARGETS))).toEqual(
      finding(
        `AWS/ApplicationELB UnHealthyHostCount by a \`LoadBalancer\` that is not the last part of an Application Load Balancer's ARN (app/…/…): ${QUIET}.`,
        "Take `arnSuffix` of the resource",
        LoadBalancer.slice(0, 63),
      ),
    );
  });

  it.each([
    "api-tg-1234567",
    `x:${group}`,
    "targetgroup/api",
    "targetgroup//73e2d6bc24d8a067",
    `${group}/`,
    `${group}/a`,
    balancer,
  ])("is no target group's, although it is made from one: %s", (TargetGroup) => {
    expect(shape(targets({ LoadBalancer: UNKNOWN, TargetGroup }, BALANCER, TARGETS))).toEqual(
      finding(
        `AWS/ApplicationELB UnHealthyHostCount by a \`TargetGroup\` that is not the last part of a target group's ARN (targetgroup/…/…): ${QUIET}.`,
        "Take `arnSuffix` of the resource",
        TargetGroup,
      ),
    );
  });
});
