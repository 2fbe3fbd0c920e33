import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import type { Locations } from "./locations";
import type { Report } from "./report";

/** The report as JSON, indented for people and diffs; with the place of each finding, where a command knows it. */
export function toJson(report: Report, locations?: Locations): string {
  const violations = report.violations.map((violation) => {
    const { file, line } = locations?.at(violation) ?? {};
    if (file === undefined) return violation;
    return { ...violation, location: line === undefined ? { file } : { file, line } };
  });
  return `${JSON.stringify({ ...report, violations }, null, 2)}\n`;
}

/**
 * Writes a report so that nobody ever reads half of one: into a file beside it, then renamed over it.
 * @throws the file system's error when the folder cannot be written; nothing is left behind then.
 */
export function writeReport(file: string, text: string): void {
  const target = path.resolve(file);
  const temporary = path.join(path.dirname(target), `.${path.basename(target)}.${process.pid}.tmp`);
  try {
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(temporary, text);
    renameSync(temporary, target);
  } catch (error) {
    discard(temporary);
    throw error;
  }
}

function discard(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // It was never made; the error that matters is the one above.
  }
}
