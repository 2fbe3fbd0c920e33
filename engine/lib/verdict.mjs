// @ts-check
import { readFileSync } from "node:fs";

/**
 * The part of a report that the commands read; its whole shape is the pack's business.
 * @typedef {{ rule: string; level: string; message: string; allowed: { min: number; max: number | null } | null }} Violation
 * @typedef {{ stack: string; verdict: "accepted" | "rejected"; violations: Violation[];
 *   budgets: { clients: { poolMax: number | null; floor: number | null; ceiling: number | null }[] }[] }} Report
 */

/**
 * The report that the pack has left, or undefined where it left none.
 * @param {string} file
 * @returns {Report | undefined}
 */
export function readReport(file) {
  try {
    const report = JSON.parse(readFileSync(file, "utf8"));
    return report.verdict === "accepted" || report.verdict === "rejected" ? report : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Pulumi exits 1 for a rejection and for a mistyped setting alike; the report tells them apart.
 * @param {Report | undefined} report
 * @param {number} pulumiCode
 * @returns {{ code: 0 | 1 | 2; reason?: string }} `reason` only where nothing could be decided
 */
export function exitFor(report, pulumiCode) {
  if (report?.verdict === "rejected") return { code: 1 };
  if (!report) {
    const reason = `Pulumi ended (code ${pulumiCode}) before the policies had judged, so nothing is decided: its messages above say why.`;
    return { code: 2, reason };
  }
  if (pulumiCode === 0) return { code: 0 };
  return {
    code: 2,
    reason: `The policies accept the stack, but Pulumi failed (code ${pulumiCode}): its messages above say why.`,
  };
}
