import { describe, expect, test } from "vitest";
import { stackBudget } from "../../../policies/budget/budget";
import {
  type PlanResource,
  type PropertyMap,
  type PropertyValue,
  UNKNOWN,
} from "../../../policies/plan/plan";
import { knownValue, type Reading } from "../../../policies/plan/reading";
import { DEFAULT_SETTINGS, NO_DECLARATIONS, type Settings } from "../../../policies/plan/settings";
import { readStack } from "../../../policies/plan/stack";
import type { ClientReading } from "../../../policies/plan/types";
import { judgePlan } from "../rules/judge";
import { DATABASE, resource, samplePlan } from "../samplePlan";

const DEMAND = { "poolproof/peak-requests-per-second": "100", "poolproof/db-hold-ms": "20" };
const env = (variables: { readonly [name: string]: PropertyValue }): readonly PropertyMap[] =>
  Object.entries(variables).map(([name, value]) => ({ name, value }));
const POOL = env({ DB_HOST: UNKNOWN, DB_POOL_MAX: "5" });

/** A workload whose pods have these containers, made from the sample's database. */
function workload(
  spec: PropertyMap = {},
  containers: readonly PropertyValue[] = [{ name: "app", image: "example/app:1", env: POOL }],
  { kind = "apps/v1:Deployment", pod = {}, annotations = DEMAND, made = [] as readonly string[] } = {},
): PlanResource {
  const template = { spec: { containers, ...pod } };
  return resource(
    `kubernetes:${kind}`,
    "app",
    {
      metadata: { name: "app", annotations },
      spec: kind.endsWith("CronJob")
        ? { jobTemplate: { spec: { template } }, ...spec }
        : { template, ...spec },
    },
    { spec: [DATABASE, ...made] },
  );
}

function stackOf(resources: readonly PlanResource[]) {
  const plan = {
    resources: [...samplePlan().resources.filter(({ type }) => !type.startsWith("aws:ecs")), ...resources],
  };
  return readStack(plan, NO_DECLARATIONS);
}
const clientsOf = (...resources: readonly PlanResource[]): readonly ClientReading[] =>
  stackOf(resources).clients;
function clientOf(...resources: readonly PlanResource[]): ClientReading {
  const [first, ...others] = clientsOf(...resources);
  if (first === undefined || others.length > 0)
    throw new Error(`expected one client, got ${others.length + 1}`);
  return first;
}
/** How many pools are open at most, and how many processes are sure to serve. */
function counts(...resources: readonly PlanResource[]): readonly [held: unknown, serving: unknown] {
  const settings: Settings = { ...DEFAULT_SETTINGS };
  const stack = stackOf(resources);
  const [pool] = stackBudget(stack, settings).pools;
  return [shown(pool?.tasksAtPeak), shown(pool?.tasksServingPeak)];
}
const shown = (reading: Reading<number> | undefined): unknown =>
  reading?.state === "known" ? reading.value : reading?.state;
const sizeOf = (client: ClientReading): unknown => shown(client.settings.poolMax.reading);

const scaler = (spec: PropertyMap, target: PropertyMap = { kind: "Deployment", name: "app" }): PlanResource =>
  resource("kubernetes:autoscaling/v2:HorizontalPodAutoscaler", "hpa", {
    spec: { scaleTargetRef: target, ...spec },
  });

describe("how many pods run", () => {
  test.each<[string, PropertyMap, unknown, unknown]>([
    ["one replica unless it is set", {}, 1, 1],
    ["as many as `replicas` says", { replicas: 8 }, 8, 8],
    ["a number in text", { replicas: "8" }, 8, 8],
    ["a number that is hidden", { replicas: UNKNOWN }, "unknown", "unknown"],
    ["a number that is none", { replicas: -1 }, "malformed", "malformed"],
  ])("%s", (_, spec, min, max) => {
    const { tasks } = clientOf(workload(spec));
    expect([shown(tasks.minCapacity), shown(tasks.maxCapacity)]).toEqual([min, max]);
  });

  test("an autoscaler bounds them", () => {
    const { tasks } = clientOf(workload({}), scaler({ minReplicas: 2, maxReplicas: 20 }));
    expect([shown(tasks.minCapacity), shown(tasks.maxCapacity)]).toEqual([2, 20]);
  });

  test("a rollout starts `replicas` even above the autoscaler's maximum", () => {
    const { tasks } = clientOf(workload({ replicas: 30 }), scaler({ maxReplicas: 20 }));
    expect([shown(tasks.maxCapacity), shown(tasks.sustainedCapacity)]).toEqual([30, 20]);
  });

  test.each<[string, PropertyMap]>([
    ["hidden", { maxReplicas: UNKNOWN }],
    ["not set", {}],
  ])("an autoscaler's maximum that is %s leaves the number open", (_, spec) => {
    expect(shown(clientOf(workload({ replicas: 2 }), scaler(spec)).tasks.maxCapacity)).toBe("unknown");
  });

  test("an autoscaler of another kind or name is not taken", () => {
    const others = [
      { kind: "StatefulSet", name: "app" },
      { kind: "Deployment", name: "other" },
    ];
    for (const target of others)
      expect(
        shown(clientOf(workload({ replicas: 3 }), scaler({ maxReplicas: 9 }, target)).tasks.maxCapacity),
      ).toBe(3);
  });

  test("KEDA goes up to 100 unless it is told otherwise", () => {
    const keda = (spec: PropertyMap) =>
      resource("kubernetes:keda.sh/v1alpha1:ScaledObject", "keda", {
        spec: { scaleTargetRef: { name: "app" }, ...spec },
      });
    expect(shown(clientOf(workload(), keda({})).tasks.maxCapacity)).toBe(100);
    expect(shown(clientOf(workload(), keda({ maxReplicaCount: 6 })).tasks.maxCapacity)).toBe(6);
  });

  test.each<[string, string, PropertyMap, unknown]>([
    ["a job runs `parallelism` pods", "batch/v1:Job", { parallelism: 4 }, 4],
    ["a cron job whose runs may overlap is open", "batch/v1:CronJob", {}, "unknown"],
    ["a cron job whose runs may not overlap is one", "batch/v1:CronJob", { concurrencyPolicy: "Forbid" }, 1],
    ["a hidden policy leaves it open", "batch/v1:CronJob", { concurrencyPolicy: UNKNOWN }, "unknown"],
    ["a daemon set has as many pods as there are nodes", "apps/v1:DaemonSet", {}, "unknown"],
    ["a stateful set has its replicas", "apps/v1:StatefulSet", { replicas: 3 }, 3],
  ])("%s", (_, kind, spec, most) => {
    expect(shown(clientOf(workload(spec, undefined, { kind })).tasks.maxCapacity)).toBe(most);
  });
});

describe("a rollout", () => {
  const rolling = (update: PropertyValue): PropertyMap => ({
    replicas: 8,
    strategy: { rollingUpdate: update },
  });

  test.each<[string, PropertyMap, unknown, unknown]>([
    ["may take a quarter away unless it is told otherwise", { replicas: 8 }, 16, 6],
    ["starts a number of pods on top", rolling({ maxSurge: 2, maxUnavailable: 0 }), 16, 8],
    ["starts a share on top, rounded up", rolling({ maxSurge: "30%", maxUnavailable: 0 }), 16, 8],
    ["takes a number away", rolling({ maxSurge: 0, maxUnavailable: 3 }), 16, 5],
    ["takes one away where nothing else may move", rolling({ maxSurge: 0, maxUnavailable: "10%" }), 16, 7],
    ["of a hidden surge is open", rolling({ maxSurge: UNKNOWN }), "unknown", 6],
    ["of a surge in words is open", rolling({ maxSurge: "some" }), "unknown", 6],
    [
      "of a hidden number that may be missing keeps nothing for certain",
      rolling({ maxUnavailable: UNKNOWN }),
      16,
      "unknown",
    ],
    ["of a hidden strategy is open", { replicas: 8, strategy: UNKNOWN }, "unknown", 1],
    ["that is hidden is open", rolling(UNKNOWN), "unknown", 1],
    ["that recreates all pods never has both", { replicas: 8, strategy: { type: "Recreate" } }, 8, 8],
  ])("%s", (_, spec, held, serving) => {
    expect(counts(workload(spec))).toEqual([held, serving]);
  });

  test("pods that stop are not counted by `maxSurge`, so both revisions may hold their pools", () => {
    const { tasks } = clientOf(workload(rolling({ maxSurge: 2, maxUnavailable: 0 })));
    expect(knownValue(tasks.maximumPercent)).toBeCloseTo(125, 3);
  });

  test("a share is taken of the pods at peak, not of the fewest", () => {
    const annotations = { ...DEMAND, "poolproof/tasks-at-peak": "20" };
    const app = workload({}, undefined, { annotations });
    expect(counts(app, scaler({ minReplicas: 2, maxReplicas: 20 }))[1]).toBe(15);
  });

  test("a stateful set replaces one pod at a time, in its place", () => {
    expect(counts(workload({ replicas: 8 }, undefined, { kind: "apps/v1:StatefulSet" }))).toEqual([8, 7]);
  });
});

describe("a workload's containers", () => {
  test("each that has a pool is a client", () => {
    const two = ["app", "worker"].map((name) => ({
      name,
      env: env({ DB_HOST: UNKNOWN, DB_POOL_MAX: name === "app" ? 5 : 9 }),
    }));
    const found = clientsOf(workload({}, [...two, { name: "proxy", image: "envoy" }]));
    expect(found.map((client) => [knownValue(client.container), sizeOf(client)])).toEqual([
      ["app", 5],
      ["worker", 9],
    ]);
  });

  test("a sidecar among the init containers counts, one that ends does not", () => {
    const init = (restartPolicy?: string) => ({
      initContainers: [
        { name: "sync", env: env({ DB_POOL_MAX: 3 }), ...(restartPolicy && { restartPolicy }) },
      ],
    });
    expect(clientsOf(workload({}, undefined, { pod: init("Always") })).map(sizeOf)).toEqual([5, 3]);
    expect(clientsOf(workload({}, undefined, { pod: init() })).map(sizeOf)).toEqual([5]);
  });

  test.each<[string, PropertyValue]>([
    ["a container", UNKNOWN],
    ["its variables", { name: "b", env: UNKNOWN }],
    ["one of its variables", { name: "b", env: [UNKNOWN] }],
    ["the name of one", { name: "b", env: [{ name: UNKNOWN, value: "1" }] }],
    ["its stores", { name: "b", envFrom: UNKNOWN }],
  ])("%s that is hidden is a pool of a size nobody knows", (_, hidden) => {
    const found = clientsOf(workload({}, [{ name: "app", env: POOL }, hidden]));
    expect(found.map(sizeOf)).toEqual([5, "unknown"]);
  });

  test("a hidden template is reported as a client that was not read", () => {
    const { clients, unexamined } = stackOf([workload({ template: UNKNOWN })]);
    expect([
      ...clients.map(({ resource }) => resource.name),
      ...unexamined.map(({ resource }) => resource),
    ]).not.toEqual([]);
    expect(clients.map(sizeOf).filter((size) => size !== "unknown")).toEqual([]);
  });

  test("a command is read", () => {
    const command = { name: "app", command: ["gunicorn"], args: ["-w", "4", "app:app"], env: POOL };
    expect(shown(clientOf(workload({}, [command])).settings.processesPerTask.reading)).toBe(4);
  });

  test("without a database in sight a pool is not this stack's", () => {
    const app = resource("kubernetes:apps/v1:Deployment", "app", {
      metadata: { name: "app" },
      spec: { template: { spec: { containers: [{ name: "app", env: env({ DB_POOL_MAX: "5" }) }] } } },
    });
    expect(clientsOf(app)).toEqual([]);
  });
});

describe("variables from stores of the program", () => {
  const store = (kind: string, name: string, properties: PropertyMap, metadata: PropertyMap = { name }) =>
    resource(`kubernetes:core/v1:${kind}`, name, { metadata, ...properties });
  const from = (more: PropertyMap, stores: readonly PlanResource[], made: readonly string[] = []) =>
    sizeOf(clientOf(workload({}, [{ name: "app", ...more }], { made }), ...stores));
  const SIZES = store("ConfigMap", "sizes", { data: { DB_POOL_MAX: "7", SIZE: "8" } });
  const all = (name: string | typeof UNKNOWN = "sizes", kind = "configMapRef"): PropertyMap => ({
    [kind]: { name },
  });

  test("all of a ConfigMap", () => expect(from({ envFrom: [all()] }, [SIZES])).toBe(7));
  test("one key of it", () => {
    const key = { name: "DB_POOL_MAX", valueFrom: { configMapKeyRef: { name: "sizes", key: "SIZE" } } };
    expect(from({ env: [key] }, [SIZES])).toBe(8);
  });
  test("behind a prefix", () => {
    const short = store("ConfigMap", "sizes", { data: { POOL_MAX: "7" } });
    expect(from({ envFrom: [{ ...all(), prefix: "DB_" }] }, [short])).toBe(7);
  });
  test("a variable wins over a store", () => {
    expect(from({ envFrom: [all()], env: env({ DB_POOL_MAX: "4" }) }, [SIZES])).toBe(4);
  });
  test("a later store wins over an earlier one", () => {
    const later = store("ConfigMap", "later", { data: { DB_POOL_MAX: "9" } });
    expect(from({ envFrom: [all(), all("later")] }, [SIZES, later])).toBe(9);
  });
  test("a later store that is not part of the program may set it again", () => {
    expect(from({ envFrom: [all(), all("elsewhere")] }, [SIZES])).toBe("unknown");
    expect(from({ envFrom: [all("elsewhere"), all()] }, [SIZES])).toBe(7);
  });
  test("a store of another name is not taken for it", () => {
    expect(from({ envFrom: [all("elsewhere")] }, [SIZES], [SIZES.urn])).toBe("unknown");
  });
  test("a name that the deployment makes is that of the only store it is made from", () => {
    const named = store("ConfigMap", "sizes", { data: { DB_POOL_MAX: "7" } }, { name: UNKNOWN });
    expect(from({ envFrom: [all(UNKNOWN)] }, [named], [named.urn])).toBe(7);
  });
  test.each<[string, PropertyMap, unknown]>([
    ["the plain text of a Secret", { stringData: { DB_POOL_MAX: "6" } }, 6],
    ["a Secret's base64 is not read", { data: { DB_POOL_MAX: "Ng==" } }, "unknown"],
    ["a hidden Secret", { stringData: UNKNOWN }, "unknown"],
    ["a hidden value", { stringData: { DB_POOL_MAX: UNKNOWN } }, "unknown"],
  ])("%s", (_, properties, size) => {
    expect(from({ envFrom: [all("keys", "secretRef")] }, [store("Secret", "keys", properties)])).toBe(size);
  });
  test("a key that its store does not hold is hidden", () => {
    const key = { name: "DB_POOL_MAX", valueFrom: { configMapKeyRef: { name: "sizes", key: "OTHER" } } };
    expect(from({ env: [key] }, [SIZES])).toBe("unknown");
  });
});

describe("annotations", () => {
  test("declare the demand", () => {
    const { declared } = clientOf(workload());
    expect([shown(declared.peakRequestsPerSecond), shown(declared.holdMs)]).toEqual([100, 20]);
  });
  test("of the pod template count as well", () => {
    const template = {
      metadata: { annotations: DEMAND },
      spec: { containers: [{ name: "app", env: POOL }] },
    };
    const { declared } = clientOf(workload({ template }, undefined, { annotations: {} as typeof DEMAND }));
    expect(shown(declared.peakRequestsPerSecond)).toBe(100);
  });
  test("say that there is no database", () => {
    const annotations = { "poolproof/database": "none" } as object as typeof DEMAND;
    const { clients, unexamined } = stackOf([workload({}, undefined, { annotations })]);
    expect([clients, unexamined.map(({ usesDatabase }) => usesDatabase)]).toEqual([[], [false]]);
  });
  test("name the library", () => {
    const annotations = { ...DEMAND, "poolproof/pool-library": "knex" };
    expect(clientOf(workload({}, undefined, { annotations })).library).toMatchObject({ value: "knex" });
  });
  test("are what messages ask for, as Kubernetes takes no colon in a name", () => {
    const bare = workload({}, undefined, { annotations: {} as typeof DEMAND });
    const { violations, undecided } = judgePlan(samplePlan({ extra: [bare] }));
    const own = [...violations, ...undecided].filter((each) => each.resource === bare.urn);
    const said = JSON.stringify(own);
    expect(said).toContain("`poolproof/peak-requests-per-second`");
    expect(said).toContain("the annotation `poolproof/pool-library`");
    expect(said).not.toContain("poolproof:");
  });
});

describe("an App Runner service", () => {
  const service = (source: PropertyMap, more: PropertyMap = {}, made: readonly string[] = []) =>
    resource(
      "aws:apprunner/service:Service",
      "app",
      { serviceName: "app", sourceConfiguration: source, ...more },
      { sourceConfiguration: [DATABASE], ...(made.length > 0 && { autoScalingConfigurationArn: made }) },
    );
  const image = (configuration: PropertyValue): PropertyMap => ({
    imageRepository: { imageIdentifier: "example/app:1", imageConfiguration: configuration },
  });
  const VARIABLES = { runtimeEnvironmentVariables: { DB_POOL_MAX: "5" } };
  const scaling = (properties: PropertyMap) =>
    resource(
      "aws:apprunner/autoScalingConfigurationVersion:AutoScalingConfigurationVersion",
      "scaling",
      properties,
    );

  test("runs 25 instances at most, twice during a deployment", () => {
    expect(sizeOf(clientOf(service(image(VARIABLES))))).toBe(5);
    expect(counts(service(image(VARIABLES)))).toEqual([50, 1]);
  });
  test("runs what its configuration says", () => {
    const own = scaling({ minSize: 2, maxSize: 4 });
    const app = service(image(VARIABLES), { autoScalingConfigurationArn: UNKNOWN }, [own.urn]);
    expect(counts(app, own)).toEqual([8, 2]);
  });
  test("is open where its configuration is another stack's or its maximum hidden", () => {
    const app = service(image(VARIABLES), { autoScalingConfigurationArn: "arn:aws:apprunner:x" });
    const own = scaling({ maxSize: UNKNOWN });
    const hidden = service(image(VARIABLES), { autoScalingConfigurationArn: UNKNOWN }, [own.urn]);
    expect([counts(app)[0], counts(hidden, own)[0]]).toEqual(["unknown", "unknown"]);
  });
  test("from source has its variables in the code's configuration", () => {
    const code = (more: PropertyMap) => ({ codeRepository: { codeConfiguration: more } });
    const api = { configurationSource: "API", codeConfigurationValues: VARIABLES };
    expect(sizeOf(clientOf(service(code(api))))).toBe(5);
    expect(sizeOf(clientOf(service(code({ configurationSource: "REPOSITORY" }))))).toBe("unknown");
  });
  test.each<[string, PropertyMap]>([
    ["its variables", image({ runtimeEnvironmentVariables: UNKNOWN })],
    ["its image's configuration", image(UNKNOWN)],
    ["its image", { imageRepository: UNKNOWN }],
  ])("with %s hidden is open", (_, source) => {
    expect(sizeOf(clientOf(service(source)))).toBe("unknown");
  });
});

describe("an Elastic Beanstalk environment", () => {
  const ENVIRONMENT = "aws:elasticbeanstalk:application:environment";
  const SIZE = [ENVIRONMENT, "DB_POOL_MAX", "5"] as const;
  type Option = readonly [namespace: PropertyValue, name: PropertyValue, value: PropertyValue];
  const environment = (options: readonly Option[], more: PropertyMap = {}) =>
    resource(
      "aws:elasticbeanstalk/environment:Environment",
      "app",
      {
        settings: [SIZE, ...options].map(([namespace, name, value]) => ({ namespace, name, value })),
        ...more,
      },
      { settings: [DATABASE] },
    );
  const asg = (name: string, value: PropertyValue): Option => ["aws:autoscaling:asg", name, value];
  const command = (name: string, value: PropertyValue): Option => [
    "aws:elasticbeanstalk:command",
    name,
    value,
  ];
  const EIGHT = [asg("MinSize", "8"), asg("MaxSize", "8")];

  test.each<[string, readonly Option[], unknown, unknown]>([
    ["has 1 to 4 instances unless it is told otherwise", [], 4, 1],
    ["has as many as it is told", EIGHT, 8, 8],
    [
      "of one instance has one",
      [["aws:elasticbeanstalk:environment", "EnvironmentType", "SingleInstance"]],
      1,
      1,
    ],
    ["takes a maximum of another namespace for something else", [["my:own", "MaxSize", "9"]], 4, 1],
    ["with a hidden maximum is open", [asg("MaxSize", UNKNOWN)], "unknown", "unknown"],
    ["that is replaced has all twice", [...EIGHT, command("DeploymentPolicy", "Immutable")], 16, 8],
    ["that splits traffic has all twice", [...EIGHT, command("DeploymentPolicy", "TrafficSplitting")], 16, 8],
    [
      "whose settings are replaced has all twice",
      [...EIGHT, ["aws:autoscaling:updatepolicy:rollingupdate", "RollingUpdateType", "Immutable"]],
      16,
      8,
    ],
    ["with a hidden policy is open", [...EIGHT, command("DeploymentPolicy", UNKNOWN)], "unknown", 8],
    [
      "takes a batch of all away unless it is told otherwise",
      [...EIGHT, command("DeploymentPolicy", "Rolling")],
      8,
      1,
    ],
    [
      "takes a batch away",
      [...EIGHT, command("DeploymentPolicy", "Rolling"), command("BatchSize", "25")],
      8,
      6,
    ],
    [
      "takes a number away",
      [
        ...EIGHT,
        command("DeploymentPolicy", "Rolling"),
        command("BatchSizeType", "Fixed"),
        command("BatchSize", "3"),
      ],
      8,
      5,
    ],
  ])("%s", (_, options, held, serving) => {
    expect(counts(environment(options))).toEqual([held, serving]);
  });

  test("adds a batch, of all instances unless it is told otherwise", () => {
    const added = (...more: readonly Option[]) =>
      knownValue(
        clientOf(environment([...EIGHT, command("DeploymentPolicy", "RollingWithAdditionalBatch"), ...more]))
          .tasks.maximumPercent,
      );
    expect(added()).toBeCloseTo(200, 3);
    expect(added(command("BatchSize", "25"))).toBeCloseTo(125, 3);
    expect(added(command("BatchSize", "3"), command("BatchSizeType", "Fixed"))).toBeCloseTo(137.5, 3);
    expect(added(command("BatchSize", UNKNOWN))).toBeUndefined();
  });
  test("reads its pool from the options of its application", () => {
    expect(sizeOf(clientOf(environment([])))).toBe(5);
  });
  test("with an option that is hidden is open", () => {
    expect(sizeOf(clientOf(environment([[ENVIRONMENT, UNKNOWN, "1"]])))).toBe("unknown");
    expect(counts(environment([[UNKNOWN, "MaxSize", "9"]]))[0]).toBe("unknown");
  });
  test("made from a saved configuration is open where its own options say nothing", () => {
    const saved = environment([], { templateName: "saved" });
    expect([sizeOf(clientOf(saved)), counts(saved)[0]]).toEqual([5, "unknown"]);
  });
});

describe("a framework's file in a ConfigMap that a container mounts", () => {
  const KEY = "spring.datasource.hikari.maximum-pool-size";
  const sizeBy = (
    files: { readonly [name: string]: string },
    environment: { [name: string]: string } = {},
  ) => {
    const config = resource("kubernetes:core/v1:ConfigMap", "config", {
      metadata: { name: "config" },
      data: files,
    });
    const volumeMounts = [{ name: "files", mountPath: "/config" }];
    const variables = env({ SPRING_DATASOURCE_URL: "jdbc:postgresql://db/shop", ...environment });
    const pod = { volumes: [{ name: "files", configMap: { name: "config" } }] };
    const app = workload({}, [{ name: "app", image: "example/app:1", env: variables, volumeMounts }], {
      pod,
    });
    return shown(clientOf(config, app).settings.poolMax.reading);
  };
  const yaml = (size: number) =>
    `spring:\n  datasource: # the shop's\n    hikari:\n      maximum-pool-size: ${size}\n`;

  test.each<[string, { readonly [name: string]: string }, { [name: string]: string }, unknown]>([
    ["says it as properties", { "application.properties": `server.port=80\n${KEY}=7` }, {}, 7],
    ["says it as YAML", { "application.yml": yaml(7) }, {}, 7],
    [
      "says less than a variable",
      { "application.yml": yaml(7) },
      { SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE: "9" },
      9,
    ],
    ["says two things of two profiles", { "application.yml": `${yaml(7)}---\n${yaml(8)}` }, {}, "unknown"],
    ["is another program's", { "other.yml": yaml(7) }, {}, 10],
  ])("%s", (_, files, environment, size) => {
    expect(sizeBy(files, environment)).toBe(size);
  });
});
