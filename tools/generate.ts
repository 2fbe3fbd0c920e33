// `npm run generate` writes every file, or part of a file, that follows from the code. test/docs.test.ts fails while one of
// them is stale. The messages' goldens are written by their own test, which the script runs with `--update`; data that was
// measured elsewhere (*.data.json) is not generated here.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { drawSafeWindow } from "../docs/pictures/safeWindow";
import { withSection } from "../docs/tables/sections";
import { SECTIONS } from "../docs/tables/tables";
import { type Setting, settings } from "../infra/config/settings";
import { policyConfigJsonSchema, settingsJsonSchema } from "../policies/config/publishedSchemas";
import { version } from "../policies/package.json";
import { reportSchema } from "../policies/reports/report";

const root = join(__dirname, "..");

interface Generated {
  /** From the project's root. */
  readonly file: string;
  /** The whole file as it must be, from the file as it is. */
  readonly text: (now: string) => string;
}

/** Several parts of one file are one entry each, in the order in which they are written. */
export const GENERATED: readonly Generated[] = [
  { file: "policies/config/settings.schema.json", text: () => json(settingsJsonSchema()) },
  { file: "policies/config/policy-config.schema.json", text: () => json(policyConfigJsonSchema()) },
  { file: "policies/reports/report.schema.json", text: () => json(reportJsonSchema()) },
  { file: "policies/PulumiPolicy.yaml", text: withVersion },
  { file: "Pulumi.yaml", text: withConfig },
  { file: "docs/pictures/safe-window.svg", text: drawSafeWindow },
  ...SECTIONS.map((section) => ({
    file: section.file,
    text: (now: string) => withSection(now, section),
  })),
];

/** What one entry would change: the file as it is and as it must be. */
export function compared({ file, text }: Generated): { readonly now: string; readonly wanted: string } {
  const now = readFileSync(join(root, file), "utf8");
  return { now, wanted: text(now) };
}

const json = (schema: object): string => `${JSON.stringify(schema, null, 2)}\n`;

function reportJsonSchema(): object {
  return {
    ...z.toJSONSchema(reportSchema, {
      target: "draft-7",
      override: ({ jsonSchema }) => {
        delete jsonSchema.readOnly;
      },
    }),
    title: "Report of poolproof (--format json, POOLPROOF_REPORT). null is unknown; numbers are numbers.",
  };
}

/** The pack's description for the engine, with the version of its package. */
function withVersion(now: string): string {
  return now.replace(/^version: .*$/m, `version: ${version}`);
}

/** Pulumi.yaml with its last section, `config`, as the table of settings has it. */
function withConfig(now: string): string {
  const mark = "\nconfig:\n";
  const start = now.indexOf(mark);
  if (start < 0) throw new Error("Pulumi.yaml has no section `config`");
  const declared = Object.entries<Setting<unknown>>(settings).map(declaration);
  return `${now.slice(0, start)}${mark}${declared.join("")}`;
}

function declaration([name, { pulumiType, meaning, unit, default: fallback }]: [
  string,
  Setting<unknown>,
]): string {
  const description = unit === undefined ? meaning : `${meaning} Unit: ${unit}.`;
  // A fraction is text there: Pulumi has no type for it.
  const written = pulumiType === "string" && fallback !== undefined ? String(fallback) : fallback;
  const lines = [
    `${name}:`,
    `  type: ${pulumiType}`,
    ...(pulumiType === "array" ? ["  items:", "    type: string"] : []),
    `  description: ${JSON.stringify(description)}`,
    ...(written === undefined ? [] : [`  default: ${JSON.stringify(written)}`]),
  ];
  return lines.map((line) => `  ${line}\n`).join("");
}

if (process.argv[1] === __filename) {
  for (const entry of GENERATED) {
    const { now, wanted } = compared(entry);
    if (now === wanted) continue;
    writeFileSync(join(root, entry.file), wanted);
    process.stdout.write(`${entry.file}\n`);
  }
}
