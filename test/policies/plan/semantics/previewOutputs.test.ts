import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../../../../policies/plan/plan";
import { checkInputs, knownTypes, previewOutputs, semanticsOf } from "../../../../policies/plan/provider";

describe("the outputs of a preview", () => {
  test("are the inputs, with the id and what AWS decides unknown", () => {
    const inputs = checkInputs("aws:rds/instance:Instance", "auth", "1a2b3c4", {
      instanceClass: "db.r8g.large",
      port: 5433,
    });
    const outputs = previewOutputs("aws:rds/instance:Instance", inputs);
    expect(outputs).toMatchObject({ instanceClass: "db.r8g.large", identifier: "auth1a2b3c4", port: 5433 });
    expect(outputs).toMatchObject({
      id: UNKNOWN,
      arn: UNKNOWN,
      endpoint: UNKNOWN,
      masterUserSecrets: UNKNOWN,
    });
    expect(outputs.multiAz).toBe(UNKNOWN);
    expect(outputs).not.toHaveProperty("password");
  });

  test("know tagsAll, which is an output only and yet worked out beforehand", () => {
    const inputs = checkInputs("aws:ecs/service:Service", "auth", "1a2b3c4", { tags: { team: "identity" } });
    expect(previewOutputs("aws:ecs/service:Service", inputs).tagsAll).toEqual({ team: "identity" });
  });

  test("do not know a name that AWS makes from a prefix", () => {
    const inputs = checkInputs("aws:iam/role:Role", "task", "1a2b3c4", { namePrefix: "task-" });
    expect(previewOutputs("aws:iam/role:Role", inputs).name).toBe(UNKNOWN);
  });

  test("do not know the parts of a given object that AWS decides", () => {
    const type = "aws:lb/targetGroup:TargetGroup";
    const outputs = previewOutputs(
      type,
      checkInputs(type, "auth", "1a2b3c4", { healthCheck: { path: "/live" } }),
    );
    expect(outputs.healthCheck).toMatchObject({
      path: "/live",
      interval: 30,
      timeout: UNKNOWN,
      matcher: UNKNOWN,
    });
    expect(outputs.deregistrationDelay).toBe(300);
  });

  test("do not know the identifier of a cluster, which the provider makes at creation", () => {
    const cluster = "aws:rds/cluster:Cluster";
    const inputs = checkInputs(cluster, "aurora", "1a2b3c4", {
      engine: "aurora-postgresql",
      serverlessv2ScalingConfiguration: { minCapacity: 0.5, maxCapacity: 16 },
    });
    expect(previewOutputs(cluster, inputs)).toMatchObject({
      clusterIdentifier: UNKNOWN,
      engineMode: "provisioned",
      endpoint: UNKNOWN,
      serverlessv2ScalingConfiguration: { minCapacity: 0.5, maxCapacity: 16, secondsUntilAutoPause: UNKNOWN },
    });
    const group = "aws:rds/clusterParameterGroup:ClusterParameterGroup";
    const parameters = [{ name: "max_connections", value: "400" }];
    const family = "aurora-postgresql16";
    expect(
      previewOutputs(group, checkInputs(group, "aurora", "1a2b3c4", { family, parameters })),
    ).toMatchObject({
      name: "aurora-1a2b3c4",
      parameters: [{ name: "max_connections", value: "400", applyMethod: "immediate" }],
    });
  });

  test("do not know the address of a cluster's own endpoint", () => {
    const endpoint = "aws:rds/clusterEndpoint:ClusterEndpoint";
    const given = {
      clusterIdentifier: "orders",
      clusterEndpointIdentifier: "reports",
      customEndpointType: "READER",
    };
    expect(previewOutputs(endpoint, checkInputs(endpoint, "reports", "1a2b3c4", given))).toMatchObject({
      ...given,
      endpoint: UNKNOWN,
      arn: UNKNOWN,
    });
  });

  test("of a type that is not in the table are its inputs", () => {
    const inputs = { anything: 1 };
    expect(previewOutputs("aws:kinesis/stream:Stream", inputs)).toBe(inputs);
  });

  test.each(knownTypes())("of %s decide nothing that is computed", (type) => {
    const outputs = previewOutputs(type, checkInputs(type, "name", "1a2b3c4", {}));
    const known = (semanticsOf(type)?.computed ?? []).filter((property) => outputs[property] !== UNKNOWN);
    expect(known.filter((property) => property !== "tagsAll")).toEqual([]);
  });
});
