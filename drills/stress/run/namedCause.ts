import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isRecord } from "../../../policies/command/inputError";
import type { Trace } from "../../replay/trace";
import { LabError } from "../labError";
import { lastLine, runEntry } from "../process";
import { REPOSITORY } from "../settings/loadStack";

/**
 * The cause that the stack's own alarms name from a run's metrics, found by `npm run replay` itself; empty when they name
 * none.
 * @param folder - Where the trace lies meanwhile.
 * @throws LabError when the replay does not take the trace.
 */
export async function namedCause(trace: Trace, stack: string, folder: string): Promise<string> {
  const entry = join(REPOSITORY, "drills", "replay", "cli.ts");
  const traceFile = join(folder, "trace.json");
  const reportFile = join(folder, "replay.json");
  writeFileSync(traceFile, JSON.stringify(trace));
  const args = ["--trace", traceFile, "--stack", stack, "--format", "json", "--output", reportFile];
  const { stderr } = await runEntry(entry, args, process.env, REPOSITORY);
  if (!existsSync(reportFile))
    throw new LabError(`the replay does not take the run's trace: ${lastLine(stderr)}`);
  return causeIn(JSON.parse(readFileSync(reportFile, "utf8")));
}

/** The first cause of the first scenario of a replay's report. */
export function causeIn(report: unknown): string {
  const scenarios = isRecord(report) && Array.isArray(report.scenarios) ? report.scenarios : [];
  const [first]: readonly unknown[] = scenarios;
  return isRecord(first) && typeof first.cause === "string" ? first.cause : "";
}
