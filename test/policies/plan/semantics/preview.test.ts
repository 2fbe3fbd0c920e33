import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../../../../policies/plan/plan";
import {
  ACCOUNT_ID,
  answerInvoke,
  checkInputs,
  knownTypes,
  previewOutputs,
  semanticsOf,
} from "../../../../policies/plan/provider";
import { RECORDED } from "./recorded";
import { sdkResource } from "./sdk";

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

const ZONES = "aws:index/getAvailabilityZones:getAvailabilityZones";

describe("data sources answered without AWS", () => {
  test("name the fictional account", () => {
    const identity = answerInvoke("aws:index/getCallerIdentity:getCallerIdentity", {}, "eu-west-1");
    expect(identity).toMatchObject({ accountId: ACCOUNT_ID, arn: `arn:aws:iam::${ACCOUNT_ID}:user/offline` });
  });

  test("give the region of the provider, or the one that is asked for", () => {
    const token = "aws:index/getRegion:getRegion";
    expect(answerInvoke(token, {}, "eu-west-1")).toMatchObject({ region: "eu-west-1", name: "eu-west-1" });
    expect(answerInvoke(token, { region: "us-east-1" }, "eu-west-1")).toMatchObject({ region: "us-east-1" });
  });

  test("have three zones with AWS's short ids, less those that are excluded", () => {
    expect(answerInvoke(ZONES, {}, "ap-southeast-2")).toMatchObject({
      names: ["ap-southeast-2a", "ap-southeast-2b", "ap-southeast-2c"],
      zoneIds: ["apse2-az1", "apse2-az2", "apse2-az3"],
    });
    expect(answerInvoke(ZONES, { excludeNames: ["eu-west-1b"] }, "eu-west-1")).toMatchObject({
      names: ["eu-west-1a", "eu-west-1c"],
      zoneIds: ["euw1-az1", "euw1-az3"],
    });
  });

  test("are undefined for a token nobody wrote an answer for", () => {
    expect(answerInvoke("aws:ec2/getAmi:getAmi", {}, "eu-west-1")).toBeUndefined();
  });
});

/**
 * What Check of 7.48.0 adds and 5.42.0 did not: `region` (only with a provider region, so not here), `tagsAll`,
 * and defaults of settings that are newer than the recording.
 */
const NEWER_DEFAULTS: { readonly [type: string]: readonly string[] } = {
  "aws:ecs/taskDefinition:TaskDefinition": ["trackLatest"],
  "aws:lb/loadBalancer:LoadBalancer": ["clientKeepAlive", "dnsRecordClientRoutingPolicy", "enableZonalShift"],
};
/** What 5.42.0 filled in and 7.48.0 leaves to AWS: the property became computed in between. */
const NO_LONGER_DEFAULTS: { readonly [type: string]: readonly string[] } = {
  "aws:lb/targetGroup:TargetGroup": ["connectionTermination"],
};

describe("Check, held against recorded traffic of the real provider", () => {
  test.each(RECORDED)("adds to $type just what the real provider added", (recorded) => {
    const { type, logicalName, suffix = "0000000", given, added } = recorded;
    const { tagsAll: _tagsAll, ...checked } = checkInputs(type, logicalName, suffix, given);
    const expected: Record<string, unknown> = { ...given, ...added };
    for (const property of NO_LONGER_DEFAULTS[type] ?? []) delete expected[property];
    for (const property of NEWER_DEFAULTS[type] ?? []) expected[property] = checked[property];
    expect(checked).toEqual(expected);
  });
});

describe("a preview, held against recorded traffic of the real provider", () => {
  test.each(RECORDED)("does not know what AWS decided for $type", (recorded) => {
    const { type, logicalName, suffix = "0000000", given, decided } = recorded;
    const outputs = previewOutputs(type, checkInputs(type, logicalName, suffix, given));
    const known = Object.keys(decided).filter((property) => outputs[property] !== UNKNOWN);
    // `tagsAll` is worked out from the tags; a default of the schema is no decision of AWS.
    const planned = Object.keys(semanticsOf(type)?.plannedDefaults ?? {});
    expect(known.filter((property) => property !== "tagsAll" && !planned.includes(property))).toEqual([]);
    for (const property of planned) expect(outputs[property]).toEqual(decided[property]);
  });
});

const sorted = (names: Iterable<string>): string[] => [...names].sort();

describe.each(knownTypes())("the table for %s, held against @pulumi/aws", (type) => {
  const sdk = sdkResource(type);
  const semantics = semanticsOf(type);
  if (semantics === undefined) throw new Error(`${type} is listed and not there`);
  const inputs = new Set([...sdk.required, ...sdk.optional]);

  test("is about a type the SDK has under this token", () => {
    expect(sdk.type).toBe(type);
  });

  test("has every output-only property as computed, and no input", () => {
    expect(sorted(semantics.computed)).toEqual(sorted(sdk.outputOnly));
  });

  test("requires what the SDK requires", () => {
    expect(sorted(semantics.required)).toEqual(sorted(sdk.required));
  });

  test("fills in, or leaves to AWS, every optional input that is always there afterwards", () => {
    const accounted = new Set([
      ...semantics.computedUnlessSet,
      ...Object.keys(semantics.defaults ?? {}),
      ...(semantics.autoName === undefined ? [] : [semantics.autoName.property]),
    ]);
    expect(sdk.optionalButAlwaysThere.filter((name) => !accounted.has(name))).toEqual([]);
    expect(semantics.computedUnlessSet.filter((name) => !sdk.optionalButAlwaysThere.includes(name))).toEqual(
      [],
    );
  });

  test("names only inputs the SDK has", () => {
    const paths = [
      ...Object.keys(semantics.nestedDefaults ?? {}),
      ...Object.keys(semantics.nestedComputedUnlessSet ?? {}),
    ];
    const named = [
      ...Object.keys(semantics.defaults ?? {}),
      ...Object.keys(semantics.plannedDefaults ?? {}),
      ...(semantics.documents ?? []),
      ...paths.map((path) => path.split(".")[0] ?? path),
      ...(semantics.autoName === undefined ? [] : [semantics.autoName.property]),
      ...(semantics.autoName?.unless === undefined ? [] : [semantics.autoName.unless]),
    ];
    expect(named.filter((name) => !inputs.has(name))).toEqual([]);
    expect((semantics.numbers ?? []).filter((name) => !sdk.numbers.includes(name))).toEqual([]);
  });

  test("decides each property once", () => {
    const all = [
      ...semantics.computed,
      ...semantics.computedUnlessSet,
      ...Object.keys(semantics.defaults ?? {}),
    ];
    expect(all).toHaveLength(new Set(all).size);
  });
});
