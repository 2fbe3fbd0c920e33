import { POLICIES } from "../config/policyIds";
import { DEFAULT_LEVELS, type Levels } from "../reports/assess";
import type { Level } from "../rules/rule";

/*
 * The levels in force, inside the engine.
 *
 * A policy configuration may make a policy advisory or disable it. The SDK applies that itself and keeps it from the
 * policies: `getConfig()` leaves `enforcementLevel` out. The report has to show the level that counts, so it is read
 * back from the SDK: the function with which the SDK answers AnalyzeStack is run on an empty stack with probe policies
 * of the same names. Each reports one violation, and the response tells its level; a disabled one is absent.
 *
 * That function (`makeAnalyzeStackRpcFun`, @pulumi/policy/server) is exported and undocumented. Where it is missing or
 * has changed, the rules' own levels stand in: the engine still enforces the right ones, only the report may differ.
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
  readonly validateStack: (args: unknown, report: (message: string) => void) => void;
}

/** `pulumirpc.EnforcementLevel` in analyzer.proto: 0 advisory, 1 mandatory, 2 disabled, 3 remediate. */
const ADVISORY = 0;

/** The level of every enabled policy; the rules' own where the SDK does not tell. */
export async function levelsInForce(): Promise<Levels> {
  try {
    const diagnostics = await probe();
    return Object.fromEntries(
      diagnostics.map((found) => [
        found.getPolicyname(),
        found.getEnforcementlevel() === ADVISORY ? "advisory" : "mandatory",
      ]),
    );
  } catch {
    return DEFAULT_LEVELS;
  }
}

function probe(): Promise<ReturnType<AnalyzeResponse["getDiagnosticsList"]>> {
  const { makeAnalyzeStackRpcFun } = require("@pulumi/policy/server") as {
    makeAnalyzeStackRpcFun: MakeAnalyzeStack;
  };
  const probes = POLICIES.map(
    ({ id, level }): Probe => ({
      name: id,
      description: id,
      enforcementLevel: level,
      validateStack: (_args, report) => report("in force"),
    }),
  );
  const analyze = makeAnalyzeStackRpcFun("poolproof", "0.0.0", "mandatory", probes);
  return new Promise((resolve, reject) => {
    Promise.resolve(
      analyze({ request: { getResourcesList: () => [] } }, (error, response) =>
        response ? resolve(response.getDiagnosticsList()) : reject(error),
      ),
    ).catch(reject);
  });
}
