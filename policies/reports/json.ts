import type { Report } from "./report";

/** The report as JSON, indented for people and diffs. */
export const toJson = (report: Report): string => `${JSON.stringify(report, null, 2)}\n`;
