import type { Levels } from "./findings";
import { toJson } from "./json";
import { toJunit } from "./junit";
import { toMarkdown } from "./markdown";
import type { Report } from "./report";
import { toSarif } from "./sarif";
import { type TextOptions, toText } from "./text";

export const FORMATS = ["text", "json", "sarif", "junit", "markdown"] as const;
export type Format = (typeof FORMATS)[number];

interface RenderOptions extends TextOptions {
  /** Levels in force; `junit` tells a disabled rule from one that passed. */
  readonly levels?: Levels | undefined;
  /** How long the judgement took, for `junit`. */
  readonly seconds?: number;
}

/** A report in one of the formats, ending in a line break. */
export function render(report: Report, format: Format, options: RenderOptions): string {
  return RENDERERS[format](report, options);
}

const RENDERERS: { readonly [format in Format]: (report: Report, options: RenderOptions) => string } = {
  text: toText,
  json: (report, { locations }) => toJson(report, locations),
  sarif: (report, { locations }) => toSarif(report, locations),
  junit: (report, { levels, seconds }) => toJunit(report, levels, seconds),
  markdown: toMarkdown,
};
