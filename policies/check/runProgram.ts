import { createRequire } from "node:module";
import * as path from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import type { Plan } from "../plan/plan";
import { InputError, messageOf } from "./inputError";
import { loadProgram } from "./loadProgram";
import type { Project } from "./project";
import { type ProtocolModules, RecordingMonitor } from "./recordingMonitor";
import type { StackConfig } from "./stackConfig";

/** What Pulumi calls the organization of a backend that has none. */
const ORGANIZATION = "organization";

/**
 * Runs a Pulumi program in this process, with its own @pulumi/pulumi, and returns the plan it registered. The
 * program's own output goes to stderr: stdout belongs to the report.
 * @throws InputError when the program cannot be run or fails.
 */
export async function runProgram(project: Project, stack: string, config: StackConfig): Promise<Plan> {
  const sdk = loadSdk(project);
  const monitor = new RecordingMonitor(sdk.protocol, {
    project: project.name,
    stack,
    region: config.values["aws:region"] ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION,
  });
  const { runtime } = sdk.pulumi;
  runtime.setMockOptions(monitor, project.name, stack, true, ORGANIZATION);
  runtime.setAllConfig({ ...config.values }, [...config.secretKeys]);

  process.chdir(project.programFolder);
  const restoreStdout = redirectStdout();
  process.once("exit", endedEarly);
  try {
    const failure = await settled(() => runtime.runInPulumiStack(() => loadProgram(project, sdk.require)));
    if (failure) throw new InputError(describe(failure.error));
    if (sdk.pulumi.log.hasErrors()) throw new InputError("the program reported an error (see above)");
  } finally {
    process.off("exit", endedEarly);
    restoreStdout();
  }
  return monitor.plan;
}

interface Sdk {
  readonly pulumi: typeof pulumi;
  readonly protocol: ProtocolModules;
  readonly require: NodeJS.Require;
}

function loadSdk(project: Project): Sdk {
  const fromProgram = createRequire(path.join(project.programFolder, "index.js"));
  // Read when the SDK's modules load; a second copy of the SDK in the program's tree reads the same.
  process.env.PULUMI_NODEJS_ROOT_DIRECTORY = project.root;
  let entry: string;
  try {
    entry = fromProgram.resolve("@pulumi/pulumi");
  } catch {
    throw new InputError(
      `@pulumi/pulumi is not installed for ${project.programFolder}: run \`npm install\` there`,
    );
  }
  const fromSdk = createRequire(entry);
  return {
    pulumi: fromSdk(entry),
    require: fromSdk,
    protocol: {
      resource: fromSdk("@pulumi/pulumi/proto/resource_pb"),
      provider: fromSdk("@pulumi/pulumi/proto/provider_pb"),
      struct: fromSdk("google-protobuf/google/protobuf/struct_pb"),
      empty: fromSdk("google-protobuf/google/protobuf/empty_pb"),
    },
  };
}

/**
 * Starts the program and waits until the process has nothing left to do, as Pulumi does: resources may still be
 * registered after the program's own promise has settled. Returns the first error, wherever it was thrown.
 */
function settled(start: () => Promise<unknown>): Promise<{ readonly error: unknown } | undefined> {
  return new Promise((resolve) => {
    let failure: { readonly error: unknown } | undefined;
    let isDone = false;
    const fail = (error: unknown): void => {
      failure ??= { error };
    };
    process.on("uncaughtException", fail);
    process.on("unhandledRejection", fail);
    process.once("beforeExit", () => {
      process.off("uncaughtException", fail);
      process.off("unhandledRejection", fail);
      if (!isDone && !failure) fail(new Error("it waits for a promise that nothing will resolve"));
      setImmediate(() => resolve(failure));
    });
    start().then(() => {
      isDone = true;
    }, fail);
  });
}

/** A program that calls `process.exit` takes the verdict with it, and its exit code must not pass for one. */
function endedEarly(code: number): void {
  process.exitCode = 2;
  process.stderr.write(
    `error: the program ended the process (process.exit(${code})) before it was done, so there is no verdict; let it return, or throw an error\n`,
  );
}

/** A program's error as one message; the stack trace is for the program's author, behind PULUMI_STACK_TRACES. */
function describe(error: unknown): string {
  const isRunError = typeof error === "object" && error !== null && "__pulumiRunError" in error;
  if (process.env.PULUMI_STACK_TRACES && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return isRunError ? messageOf(error) : `the program failed: ${messageOf(error)}`;
}

function redirectStdout(): () => void {
  const original = process.stdout.write;
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
  return () => {
    process.stdout.write = original;
  };
}
