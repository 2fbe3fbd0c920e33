import { toJson } from "../../../policies/reports/json";
import type { Report } from "../../../policies/reports/report";
import { toText } from "../../../policies/reports/text";

/** A report in every form it can leave the house in. */
export function outputs(report: Report): { readonly [format: string]: string } {
  return {
    json: toJson(report),
    text: toText(report, { color: false, width: 80 }),
    "text in colour": toText(report, { color: true, width: 120 }),
  };
}
