import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EnginePlace, embeddedEnvironment, prepareStack } from "../../engine/embedded.js";
import { stackFile } from "../../engine/stacks.js";
import type { Plan, PlanResource } from "../../policies/plan/plan.js";
import { root, seconds } from "./measure.js";

const STACK = "prod";

/** Previews of `prod` on the embedded engine, in a state of their own. */
export class Previews {
  private readonly folder = mkdtempSync(join(tmpdir(), "poolproof-bench-"));
  private copy = "";

  constructor(private readonly engine: EnginePlace) {}

  async prepare(): Promise<void> {
    const file = stackFile(root, STACK);
    this.copy = await prepareStack({ ...this.embedded(), stack: STACK, file, project: "auth" });
  }

  /** Our program, with a pack. */
  gated(pack: string, config?: string): Promise<number> {
    const settings = config === undefined ? [] : ["--policy-pack-config", config];
    return this.preview(root, ["--policy-pack", pack, ...settings]);
  }

  /** Our program with its pack, as on a machine that never compiled it. */
  gatedAfresh(pack: string, config: string): Promise<number> {
    return this.withoutCaches((env) =>
      this.preview(root, ["--policy-pack", pack, "--policy-pack-config", config], env),
    );
  }

  /** The same program in the form that `pulumi new` gives a TypeScript project, with no pack, on such a machine. */
  defaultFormAfresh(): Promise<number> {
    const project = this.defaultForm();
    return this.withoutCaches((env) => this.preview(project, [], env));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private embedded() {
    return { stateDir: join(this.folder, "state"), engine: this.engine };
  }

  private preview(cwd: string, flags: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
    const always = [
      "preview",
      "--stack",
      STACK,
      "--non-interactive",
      "--suppress-progress",
      "--suppress-outputs",
    ];
    return seconds(this.engine.pulumi, [...always, "--config-file", this.copy, ...flags], {
      cwd,
      env: { ...embeddedEnvironment(this.embedded()), ...env },
    });
  }

  /** Compilers keep what they made in the folder for temporary files (ts-node, tsx), in Node's compile cache and in .state/. */
  private async withoutCaches(run: (env: NodeJS.ProcessEnv) => Promise<number>): Promise<number> {
    const empty = mkdtempSync(join(this.folder, "fresh-"));
    rmSync(join(root, ".state", "compiled"), { recursive: true, force: true });
    try {
      return await run({ TMPDIR: empty, NODE_COMPILE_CACHE: join(empty, "compiled") });
    } finally {
      rmSync(empty, { recursive: true, force: true });
    }
  }

  private defaultForm(): string {
    const project = join(this.folder, "default-form");
    rmSync(project, { recursive: true, force: true });
    mkdirSync(project);
    for (const part of ["infra", "policies/kit", "policies/model", "stacks"]) {
      cpSync(join(root, part), join(project, part), { recursive: true });
    }
    symlinkSync(join(root, "node_modules"), join(project, "node_modules"));
    const declared = /^config:[\s\S]*/m.exec(readFileSync(join(root, "Pulumi.yaml"), "utf8"))?.[0] ?? "";
    writeFileSync(
      join(project, "Pulumi.yaml"),
      `name: auth\nruntime: nodejs\nstackConfigDir: stacks\n${declared}`,
    );
    writeFileSync(join(project, "package.json"), '{ "name": "auth", "main": "index.ts" }\n');
    writeFileSync(
      join(project, "index.ts"),
      'import { program } from "./infra/program";\n\nexport = program;\n',
    );
    cpSync(join(root, "tsconfig.base.json"), join(project, "tsconfig.json"));
    return project;
  }
}

/** Resources that a service with its own database stands for here; the rest of a plan is what no rule reads. */
const SERVICES_PER_THOUSAND = 20;

/**
 * A plan of many resources: most are what a large stack is full of (log groups, alarms, security rules), and for
 * each thousand there are twenty services with a task definition and an autoscaling target, and two databases.
 */
export function largePlan(resources: number): Plan {
  const made: PlanResource[] = [];
  const thousands = Math.ceil(resources / 1000);
  for (let thousand = 0; thousand < thousands; thousand++) {
    for (let half = 0; half < 2; half++) made.push(...database(thousand, half));
    for (let service = 0; service < SERVICES_PER_THOUSAND; service++) made.push(...client(thousand, service));
  }
  for (let filler = 0; made.length < resources; filler++) made.push(bystander(filler));
  return { resources: made };
}

const urn = (type: string, name: string): string => `urn:pulumi:large::bench::${type}::${name}`;

function resource(
  type: string,
  name: string,
  properties: PlanResource["properties"],
  propertyDependencies: PlanResource["propertyDependencies"] = {},
): PlanResource {
  const dependencies = Object.values(propertyDependencies).flat();
  return {
    urn: urn(type, name),
    type,
    name,
    properties,
    propertyDependencies,
    dependencies,
    parent: undefined,
  };
}

const INSTANCE = "aws:rds/instance:Instance";
const GROUP = "aws:rds/parameterGroup:ParameterGroup";
const TASK = "aws:ecs/taskDefinition:TaskDefinition";
const SERVICE = "aws:ecs/service:Service";

function database(thousand: number, half: number): PlanResource[] {
  const name = `db-${thousand}-${half}`;
  const parameters = [{ name: "max_connections", value: "2000", applyMethod: "pending-reboot" }];
  const instance = {
    identifier: name,
    engine: "postgres",
    engineVersion: "17",
    instanceClass: "db.m7g.2xlarge",
  };
  return [
    resource(GROUP, name, { name, family: "postgres17", parameters }),
    resource(
      INSTANCE,
      name,
      { ...instance, parameterGroupName: name },
      { parameterGroupName: [urn(GROUP, name)] },
    ),
  ];
}

function client(thousand: number, service: number): PlanResource[] {
  const name = `service-${thousand}-${service}`;
  const environment = Object.entries({
    DB_POOL_MAX: "6",
    DB_POOL_ACQUIRE_TIMEOUT_MS: "1000",
    DB_STATEMENT_TIMEOUT_MS: "2000",
    DB_LOCK_TIMEOUT_MS: "1500",
    DB_QUERY_TIMEOUT_MS: "2500",
    REQUEST_TIMEOUT_MS: "8000",
  }).map(([variable, value]) => ({ name: variable, value }));
  const tags = {
    "poolproof:peak-requests-per-second": "100",
    "poolproof:db-hold-ms": "20",
    "poolproof:database": `db-${thousand}-${service % 2}`,
    "poolproof:pool-library": "node-postgres",
  };
  const containerDefinitions = JSON.stringify([{ name: "app", image: "app", environment }]);
  return [
    resource(TASK, name, { family: name, containerDefinitions }),
    resource(SERVICE, name, { name, desiredCount: 4, tags }, { taskDefinition: [urn(TASK, name)] }),
    resource(
      "aws:appautoscaling/target:Target",
      name,
      { resourceId: `service/main/${name}`, minCapacity: 2, maxCapacity: 8 },
      { resourceId: [urn(SERVICE, name)] },
    ),
  ];
}

function bystander(number: number): PlanResource {
  const name = `bystander-${number}`;
  return resource("aws:cloudwatch/logGroup:LogGroup", name, {
    name,
    retentionInDays: 30,
    tags: { service: name, team: "platform", costCentre: "1234" },
  });
}
