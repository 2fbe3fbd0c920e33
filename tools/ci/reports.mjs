// @ts-check
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Stop } from "./command.mjs";

/**
 * The part of poolproof's report that these commands read; `null` is unknown.
 * @typedef {{ rule: string; level: string; resource: string; message: string }} Violation
 * @typedef {{ rule: string; resource: string; property: string; reason: string }} Undecided
 * @typedef {{ resource: string; container: string | null; pool: string | null; poolMax: number | null;
 *   floor: number | null; ceiling: number | null; failingShare: number | null }} Client
 * @typedef {{ schemaVersion: 1; stack: string; verdict: "accepted" | "rejected"; violations: Violation[];
 *   undecided: Undecided[]; budgets: { database: string | null; clients: Client[] }[] }} Report
 */

/**
 * @param {string} file
 * @returns {Report}
 */
export function readReport(file) {
  if (!existsSync(file)) {
    throw new Stop(`there is no report ${file}: the policy pack did not run, so nothing was judged`, 1);
  }
  let report;
  try {
    report = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw new Stop(`${file} is no whole report of poolproof: it is not JSON`, 1);
  }
  const isReport =
    report?.schemaVersion === 1 &&
    typeof report.stack === "string" &&
    (report.verdict === "accepted" || report.verdict === "rejected") &&
    [report.violations, report.undecided, report.budgets].every(Array.isArray);
  if (!isReport) throw new Stop(`${file} is no report of poolproof: its verdict cannot be read`, 1);
  return report;
}

/**
 * The reports of a folder, by stack; none where the folder is not there.
 * @param {string} folder
 * @returns {Map<string, Report>}
 */
export function readReports(folder) {
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".json")) : [];
  return new Map(files.sort().map((file) => [file.replace(/\.json$/, ""), readReport(join(folder, file))]));
}

/**
 * The verdict a stack must have: a stack that replays an outage has to be rejected, or the gate is open.
 * @param {string} stack
 * @returns {"accepted" | "rejected"}
 */
export const expectedVerdict = (stack) => (stack.startsWith("incident-") ? "rejected" : "accepted");
