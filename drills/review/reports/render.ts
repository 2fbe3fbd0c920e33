import { toHtml } from "./html";
import { toMarkdown } from "./markdown";
import type { Review } from "./review";
import { type TextOptions, toText } from "./text";

export const FORMATS = ["text", "json", "markdown", "html"] as const;
export type Format = (typeof FORMATS)[number];

const RENDERERS: { readonly [format in Format]: (review: Review, options: TextOptions) => string } = {
  text: toText,
  json: (review) => `${JSON.stringify(review, null, 2)}\n`,
  markdown: toMarkdown,
  html: toHtml,
};

/** A review in one of the formats, ending in a line break. */
export const render = (review: Review, format: Format, options: TextOptions): string =>
  RENDERERS[format](review, options);
