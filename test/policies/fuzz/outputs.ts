import { FORMATS, render } from "../../../policies/reports/render";
import type { Report } from "../../../policies/reports/report";

/** A report in every form it can leave the house in. */
export function outputs(report: Report): { readonly [format: string]: string } {
  const plain = FORMATS.map((format) => [format, render(report, format, { color: false, width: 80 })]);
  return {
    ...Object.fromEntries(plain),
    "text in colour": render(report, "text", { color: true, width: 120 }),
  };
}

/** Control characters other than line breaks and tabs: a terminal obeys them, and XML 1.0 forbids them. */
const CONTROL = /[^\P{Cc}\n\t]|[\ufffe\uffff]/u;

/** A markup character of XML that stands for itself where only text may. */
const LOOSE_AMPERSAND = /&(?!(amp|lt|gt|quot|apos|#\d+|#x[0-9a-f]+);)/i;

/** What a hostile name has done to a report's form; empty where it did nothing. */
export function deformities(printed: { readonly [format: string]: string }): string[] {
  const { json = "", sarif = "", junit = "", text = "", markdown = "" } = printed;
  const found: string[] = [];
  for (const [format, content] of Object.entries({ text, markdown, junit })) {
    if (CONTROL.test(content)) found.push(`${format} holds a control character`);
  }
  for (const [format, content] of Object.entries({ json, sarif })) {
    if (!isJson(content)) found.push(`${format} is not JSON`);
  }
  if (LOOSE_AMPERSAND.test(junit) || junit.includes("<script")) found.push("junit lets markup through");
  // Between backticks a tag is shown and not obeyed.
  if (/<script/i.test(markdown.replace(/`[^`\n]*`/g, ""))) found.push("markdown lets markup through");
  return found;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
