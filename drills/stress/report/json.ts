import type { StressReport } from "./stressReport";

/** Digits beyond the sixth are noise. */
const rounded = (_key: string, value: unknown): unknown =>
  typeof value === "number" && !Number.isInteger(value)
    ? Number.isFinite(value)
      ? Math.round(value * 1e6) / 1e6
      : null
    : value;

/** What is not known, or not finite, is null. */
export const toJson = (report: StressReport): string => `${JSON.stringify(report, rounded, 2)}\n`;
