import { ecrRepository } from "../service/imageReference";
import { closest, configSet, type Problem } from "./problems";
import { NAMESPACE, type SettingName, type Settings, settings } from "./settings";
import { type StackConfig, toStackConfig } from "./stackConfig";

/** A stack's configuration, or everything that is wrong with it. */
export type ParseResult =
  | { readonly ok: true; readonly config: StackConfig }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Values by full key, such as `auth:poolMax`: text as Pulumi hands it over, or what YAML made of it. */
export type RawConfig = { readonly [key: string]: unknown };

const names = Object.keys(settings) as readonly SettingName[];

/**
 * Reads a stack's configuration once, at the edge, and reports all problems together. Types, typing errors and
 * facts between settings are held here; safety is not, so that an unsafe stack reaches the policies.
 * @param stack - Named in the commands that fix a problem.
 */
export function parseStackConfig(given: RawConfig, stack?: string): ParseResult {
  const raw = withNamespaces(given);
  const problems: Problem[] = unknownKeys(raw, stack);
  const read: { [name: string]: unknown } = {};
  for (const name of names) {
    const { value, problem } = readSetting(name, raw[`${NAMESPACE}:${name}`], stack);
    if (problem === undefined) read[name] = value;
    else problems.push(problem);
  }
  problems.push(...crossFieldProblems(read, stack));
  const region = raw["aws:region"];
  if (typeof region !== "string" || region === "") {
    problems.push({
      message: "aws:region is missing: the stack would be deployed to the region of the current shell",
      at: "aws:region",
      fix: configSet("aws:region", "eu-west-1", stack),
    });
  }
  if (problems.length > 0 || typeof region !== "string") return { ok: false, problems };
  // Every name was read without a problem, so every setting is there with its own type.
  return { ok: true, config: toStackConfig(read as Settings, region) };
}

/** Pulumi takes a key without a namespace as the project's own (sdk/go, `workspace.ParseConfigKey`). */
function withNamespaces(given: RawConfig): RawConfig {
  return Object.fromEntries(
    Object.entries(given).map(([key, value]) => [key.includes(":") ? key : `${NAMESPACE}:${key}`, value]),
  );
}

function readSetting(name: SettingName, value: unknown, stack: string | undefined) {
  const setting = settings[name];
  const at = `${NAMESPACE}:${name}`;
  const fix = configSet(at, setting.example, stack);
  if (value === undefined) {
    if (setting.default !== undefined) return { value: setting.default };
    return { problem: { message: `${name} is missing. ${setting.meaning}`, at, fix } };
  }
  if (isSecret(value)) {
    const message = `${name} is stored as a secret: the whole container definition would become a secret, which the policies cannot read`;
    return { problem: { message, at, fix: `${fix} --plaintext` } };
  }
  const result = setting.schema.safeParse(value);
  if (result.success) return { value: result.data };
  const message = `${name}: ${result.error.issues.map((issue) => issue.message).join("; ")}`;
  return { problem: { message, at, fix } };
}

/** `{ secure: "…" }` is how a stack file holds an encrypted value. */
function isSecret(value: unknown): boolean {
  return typeof value === "object" && value !== null && "secure" in value;
}

function unknownKeys(raw: RawConfig, stack: string | undefined): Problem[] {
  return Object.keys(raw).flatMap((key): Problem[] => {
    const [namespace, name = ""] = key.split(/:(.*)/s);
    if (namespace !== NAMESPACE || Object.hasOwn(settings, name)) return [];
    const meant = closest(name, names);
    const message = `${name} is not a setting of this project${meant ? `; did you mean ${meant}?` : ""}`;
    const forStack = stack === undefined ? "" : ` --stack ${stack}`;
    const remove = `pulumi config rm ${key}${forStack}`;
    const value = raw[key];
    // The value that was meant for it, where it is one that can be shown; a number of our own would be an unrequested change.
    const fix =
      meant && (typeof value === "string" || typeof value === "number")
        ? `${remove} && ${configSet(`${NAMESPACE}:${meant}`, String(value), stack)}`
        : remove;
    return [{ message, at: key, fix }];
  });
}

function crossFieldProblems(
  read: { readonly [name: string]: unknown },
  stack: string | undefined,
): Problem[] {
  return crossFields.flatMap(({ needs, check }): Problem[] => {
    // A setting that could not be read has its own problem already.
    if (!needs.every((name) => name in read)) return [];
    const finding = check(read as Settings);
    if (finding === undefined) return [];
    const at = `${NAMESPACE}:${finding.at}`;
    return [{ message: finding.message, at, fix: configSet(at, String(finding.value), stack) }];
  });
}

/** A fact that holds between settings: which ones it needs, and what is wrong where it does not hold. */
export interface CrossField {
  readonly needs: readonly SettingName[];
  /** Looks at the needed settings alone: the others may not have been readable. */
  readonly check: (settings: Settings) => Finding | undefined;
}

interface Finding {
  readonly at: SettingName;
  readonly message: string;
  /** The value to set instead. */
  readonly value: string | number;
}

function crossField<const Name extends SettingName>(
  needs: readonly Name[],
  check: (settings: Pick<Settings, Name>) => Finding | undefined,
): CrossField {
  return { needs, check };
}

/** What must hold between settings for the stack to make sense at all. Whether it is safe is for the policies. */
export const crossFields: readonly CrossField[] = [
  crossField(["minTasks", "maxTasks"], ({ minTasks, maxTasks }) =>
    minTasks <= maxTasks
      ? undefined
      : {
          at: "maxTasks",
          message: `maxTasks is ${maxTasks}, below minTasks ${minTasks}: autoscaling has no range`,
          value: minTasks,
        },
  ),
  crossField(["minTasks", "maxTasks", "tasksAtPeak"], ({ minTasks, maxTasks, tasksAtPeak }) =>
    minTasks > maxTasks || (tasksAtPeak >= minTasks && tasksAtPeak <= maxTasks)
      ? undefined
      : {
          at: "tasksAtPeak",
          message: `tasksAtPeak is ${tasksAtPeak}, but the service runs ${minTasks} to ${maxTasks} tasks`,
          value: minTasks,
        },
  ),
  crossField(["minimumHealthyPercent", "maximumPercent"], ({ minimumHealthyPercent, maximumPercent }) =>
    minimumHealthyPercent < maximumPercent
      ? undefined
      : {
          at: "maximumPercent",
          message: `maximumPercent is ${maximumPercent} and minimumHealthyPercent ${minimumHealthyPercent}: a deployment could neither start nor stop a task`,
          value: minimumHealthyPercent + 100,
        },
  ),
  crossField(["environment", "certificateArn"], ({ environment, certificateArn }) =>
    environment === "dev" || certificateArn !== ""
      ? undefined
      : {
          at: "certificateArn",
          message: "certificateArn is missing: outside dev, passwords must not travel over plain HTTP",
          value: "arn:aws:acm:REGION:ACCOUNT:certificate/ID",
        },
  ),
  crossField(["egress", "image"], ({ egress, image }) =>
    egress !== "endpoints" || ecrRepository(image) !== undefined
      ? undefined
      : {
          at: "egress",
          message: `egress is endpoints, but the image ${image} is not in ECR: no task could pull it. Push it to ECR and set auth:image, or use another egress`,
          value: "nat-single",
        },
  ),
  crossField(["taskCpu", "taskMemoryMib"], ({ taskCpu, taskMemoryMib }) => {
    if (isFargateSize(taskCpu, taskMemoryMib)) return undefined;
    const size = nearestFargateSize(taskCpu, taskMemoryMib);
    const message = `Fargate has no task of ${taskCpu} CPU units with ${taskMemoryMib} MiB; the closest size is ${size.cpu} with ${size.memoryMib}`;
    return size.cpu === taskCpu
      ? { at: "taskMemoryMib", message, value: size.memoryMib }
      : { at: "taskCpu", message, value: size.cpu };
  }),
  crossField(["storageGib", "maxStorageGib"], ({ storageGib, maxStorageGib }) =>
    storageGib <= maxStorageGib
      ? undefined
      : {
          at: "maxStorageGib",
          message: `maxStorageGib is ${maxStorageGib}, below storageGib ${storageGib}`,
          value: storageGib,
        },
  ),
  crossField(["alarms", "alarmsDisabledReason"], ({ alarms, alarmsDisabledReason }) =>
    alarms === "enabled" || alarmsDisabledReason.trim() !== ""
      ? undefined
      : {
          at: "alarmsDisabledReason",
          message: "alarms are disabled without a reason: a stack without alarms must state why",
          value: "short-lived test stack",
        },
  ),
];

/** Size of a Fargate task. */
export interface FargateSize {
  /** CPU units; 1024 are one vCPU. */
  readonly cpu: number;
  readonly memoryMib: number;
}

const GIB = 1024;

/**
 * The sizes Fargate sells for Linux, by CPU units: memory from, to and in which steps (MiB).
 * Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#task_size
 */
const SIZES: readonly { cpu: number; memoryMib: readonly number[] }[] = [
  { cpu: 256, memoryMib: [512, 1024, 2048] },
  { cpu: 512, memoryMib: steps(1 * GIB, 4 * GIB, GIB) },
  { cpu: 1024, memoryMib: steps(2 * GIB, 8 * GIB, GIB) },
  { cpu: 2048, memoryMib: steps(4 * GIB, 16 * GIB, GIB) },
  { cpu: 4096, memoryMib: steps(8 * GIB, 30 * GIB, GIB) },
  { cpu: 8192, memoryMib: steps(16 * GIB, 60 * GIB, 4 * GIB) },
  { cpu: 16_384, memoryMib: steps(32 * GIB, 120 * GIB, 8 * GIB) },
];

function steps(from: number, to: number, step: number): readonly number[] {
  return Array.from({ length: (to - from) / step + 1 }, (_, index) => from + index * step);
}

/** Whether Fargate has a task of exactly this size. */
export function isFargateSize(cpu: number, memoryMib: number): boolean {
  return SIZES.some((size) => size.cpu === cpu && size.memoryMib.includes(memoryMib));
}

/** The smallest size that has both, or the largest there is. */
export function nearestFargateSize(cpu: number, memoryMib: number): FargateSize {
  for (const size of SIZES) {
    const memory = size.memoryMib.find((candidate) => candidate >= memoryMib);
    if (size.cpu >= cpu && memory !== undefined) return { cpu: size.cpu, memoryMib: memory };
  }
  return { cpu: 16_384, memoryMib: 120 * GIB };
}
