import type { Format } from "../commandLine";
import { toJson } from "./json";
import { toJunit } from "./junit";
import type { StressReport } from "./stressReport";
import { toText } from "./text";

export function render(report: StressReport, format: Format): string {
  switch (format) {
    case "text":
      return toText(report);
    case "json":
      return toJson(report);
    case "junit":
      return toJunit(report);
  }
}
