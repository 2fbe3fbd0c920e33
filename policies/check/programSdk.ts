import Module, { createRequire } from "node:module";
import * as path from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { InputError } from "../kit/errors";
import type { Project } from "./project";
import type { ProtocolModules } from "./recordingMonitor";

/** A program's own @pulumi/pulumi, in the parts that running it takes. */
export interface ProgramSdk {
  readonly pulumi: typeof pulumi;
  readonly log: { error: typeof pulumi.log.error };
  readonly protocol: ProtocolModules;
  readonly internals: SdkInternals;
  readonly require: NodeJS.Require;
}

/** What the SDK does not export, or only in part, from the program's own copy of it. */
export interface SdkInternals {
  /** The text that stands for an unknown value on the wire (`runtime/rpc`). */
  readonly unknownValue: string;
  readonly output: {
    readonly Output: {
      new (...state: readonly [Set<never>, ...Promise<unknown>[]]): object;
      readonly prototype: Appliable;
    };
    readonly output: (value: unknown) => Appliable;
    readonly unknown: unknown;
    readonly isUnknown: (value: unknown) => boolean;
  };
  readonly invoke: {
    readonly [name in "invoke" | "invokeSingle"]: (...args: readonly unknown[]) => Promise<unknown>;
  };
  /** The modules that hand these functions on. */
  readonly exporting: readonly object[];
}

interface Appliable {
  apply(callback: (value: unknown) => unknown, runWithUnknowns?: boolean): unknown;
}

/**
 * What the SDK loads at start-up and needs only to turn a JavaScript function into a Lambda function
 * (`runtime/closure`): npm's dependency solver and a TypeScript compiler, a third of the time the SDK takes to load.
 */
const SELDOM_USED: ReadonlySet<string> = new Set(["@npmcli/arborist", "../../typescript-shim"]);

/** @throws InputError when the program has none. */
export function loadSdk(project: Project): ProgramSdk {
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
  const sdk = loadedWhenUsed(SELDOM_USED, () => fromSdk(entry) as typeof pulumi);
  const [invoke, output] = [fromSdk("@pulumi/pulumi/runtime/invoke"), fromSdk("@pulumi/pulumi/output")];
  return {
    pulumi: sdk,
    internals: {
      unknownValue: fromSdk("@pulumi/pulumi/runtime/rpc").unknownValue,
      output,
      invoke,
      exporting: [invoke, output, sdk, sdk.runtime],
    },
    log: fromSdk("@pulumi/pulumi/log"),
    require: fromSdk,
    protocol: {
      monitor: fromSdk("@pulumi/pulumi/proto/resource_grpc_pb"),
      resource: fromSdk("@pulumi/pulumi/proto/resource_pb"),
      provider: fromSdk("@pulumi/pulumi/proto/provider_pb"),
      struct: fromSdk("google-protobuf/google/protobuf/struct_pb"),
      empty: fromSdk("google-protobuf/google/protobuf/empty_pb"),
    },
  };
}

/**
 * The SDK notes with every resource where the program made it, by a stack trace mapped to its sources: a tenth of the
 * time of a run. Only a report that points at lines needs it.
 */
export function withoutPositions({ Resource }: typeof pulumi): void {
  const internals = Resource as unknown as { stackTrace?: () => readonly unknown[] };
  if (typeof internals.stackTrace === "function") internals.stackTrace = () => [];
}

type Load = (request: string, parent: unknown, isMain: boolean) => unknown;

/**
 * Loads something with a few of the modules it requires put off: each is loaded when a property of it is first read.
 * @param requests - As the code writes them in `require`.
 */
export function loadedWhenUsed<T>(requests: ReadonlySet<string>, load: () => T): T {
  const loader = Module as unknown as { _load: Load };
  const original = loader._load;
  loader._load = function deferring(request, parent, isMain) {
    const now = (): unknown => original.call(this, request, parent, isMain);
    return requests.has(request) ? standIn(now) : now();
  };
  try {
    return load();
  } finally {
    loader._load = original;
  }
}

/** `__esModule` keeps the compiled `import * as` from copying the properties, which would load the module at once. */
function standIn(load: () => unknown): object {
  let loaded: object | undefined;
  const module = (): object => {
    loaded ??= Object(load()) as object;
    return loaded;
  };
  return new Proxy(
    {},
    {
      get: (_, property) => (property === "__esModule" ? true : Reflect.get(module(), property)),
      has: (_, property) => property === "__esModule" || Reflect.has(module(), property),
    },
  );
}
