import { createRequire } from "node:module";
import { POLICIES } from "../config/policies";
import type { Levels } from "../reports/assess";
import type { Level } from "../rules/rule";

/*
 * What the SDK does not tell the policies, found out by asking it: the function with which it answers AnalyzeStack is run
 * on an empty stack with probe policies.
 *
 * The levels in force. A policy configuration may make a policy advisory or disable it. The SDK applies that itself and
 * keeps it from the policies: `getConfig()` leaves `enforcementLevel` out. The report has to show the level that counts,
 * so probes of the same names report one violation each, and the response tells its level; a disabled one is absent.
 *
 * Whether a policy is asked only when its turn comes. Then one that has nothing left to say need not be asked at all.
 *
 * That function (`makeAnalyzeStackRpcFun`, @pulumi/policy/server) is exported and undocumented. Where it is missing or
 * has changed, every policy is asked and hands over its own findings, at the level that the SDK knows.
 */

type AnalyzeStack = (
  call: { readonly request: { getResourcesList(): readonly never[] } },
  callback: (error: unknown, response?: AnalyzeResponse) => void,
) => unknown;

interface AnalyzeResponse {
  getDiagnosticsList(): readonly { getPolicyname(): string; getEnforcementlevel(): number }[];
}

type MakeAnalyzeStack = (
  pack: string,
  version: string,
  level: string,
  policies: readonly Probe[],
) => AnalyzeStack;

interface Probe {
  readonly name: string;
  readonly description: string;
  readonly enforcementLevel: Level;
  readonly validateStack: ((args: unknown, report: (finding: string | object) => void) => void) | undefined;
}

/** `pulumirpc.EnforcementLevel` in analyzer.proto: 0 advisory, 1 mandatory, 2 disabled, 3 remediate. */
const ADVISORY = 0;

/** The level of every enabled policy; undefined where the SDK does not tell. */
export async function levelsInForce(): Promise<Levels | undefined> {
  const probes = POLICIES.map(
    ({ id, level }): Probe => ({ ...named(id, level), validateStack: (_, report) => report("in force") }),
  );
  try {
    const diagnostics = await run(probes);
    return Object.fromEntries(
      diagnostics.map((found) => [
        found.getPolicyname(),
        found.getEnforcementlevel() === ADVISORY ? "advisory" : "mandatory",
      ]),
    );
  } catch {
    return undefined;
  }
}

let oneByOne: Promise<boolean> | undefined;

/** Whether the SDK takes a finding in another policy's name, and passes over a policy that has no function by then. */
export function asksOneByOne(): Promise<boolean> {
  oneByOne ??= tryOut().catch(() => false);
  return oneByOne;
}

async function tryOut(): Promise<boolean> {
  let isAnswered = false;
  const first: Probe = {
    ...named("first", "mandatory"),
    validateStack: (_, report) => {
      report({ name: "second", message: "for another", enforcementLevel: "advisory" });
      isAnswered = true;
    },
  };
  const second: Probe = {
    ...named("second", "mandatory"),
    get validateStack() {
      return isAnswered ? undefined : () => {};
    },
  };
  const [found, ...more] = await run([first, second]);
  return found?.getPolicyname() === "second" && found.getEnforcementlevel() === ADVISORY && more.length === 0;
}

const named = (name: string, enforcementLevel: Level) => ({ name, description: name, enforcementLevel });

function run(probes: readonly Probe[]): Promise<ReturnType<AnalyzeResponse["getDiagnosticsList"]>> {
  const { makeAnalyzeStackRpcFun } = require("@pulumi/policy/server") as {
    makeAnalyzeStackRpcFun: MakeAnalyzeStack;
  };
  const analyze = makeAnalyzeStackRpcFun("poolproof", "0.0.0", "mandatory", probes);
  return new Promise((resolve, reject) => {
    Promise.resolve(
      analyze({ request: { getResourcesList: () => [] } }, (error, response) =>
        response ? resolve(response.getDiagnosticsList()) : reject(error),
      ),
    ).catch(reject);
  });
}

type Wire = { readonly [property: string]: unknown };

/** The messages of resources that the engine sent last, by URN, from which the SDK takes the properties. */
let messages: Map<string, { toJavaScript(): Wire }> | undefined;

/**
 * Keeps what the engine sends from now on: it marks secrets (`KeepSecrets` in pkg/v3 3.276.0, resource/plugin/analyzer_plugin.go),
 * and the SDK hands them to policies unmarked. To be called before the first request.
 */
export function keepWire(): void {
  if (messages !== undefined) return;
  const kept = new Map<string, { toJavaScript(): Wire }>();
  messages = kept;
  const fromSdk = createRequire(require.resolve("@pulumi/policy"));
  const { AnalyzerResource } = fromSdk("@pulumi/pulumi/proto/analyzer_pb") as {
    AnalyzerResource: {
      prototype: { getUrn(): string; getProperties(): { toJavaScript(): Wire } | undefined };
    };
  };
  const { prototype } = AnalyzerResource;
  const original = prototype.getProperties;
  prototype.getProperties = function getProperties() {
    const properties = original.call(this);
    if (properties !== undefined) kept.set(this.getUrn(), properties);
    return properties;
  };
}

/** The properties of a resource as the engine sent them, secrets marked; undefined where they were not kept. */
export const wireOf = (urn: string): Wire | undefined => messages?.get(urn)?.toJavaScript();
