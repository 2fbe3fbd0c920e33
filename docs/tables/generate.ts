// `npm run docs` writes the tables that follow from the code into the documents; a test holds the files equal to them.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withSection } from "./sections";
import { SECTIONS } from "./tables";

const root = join(__dirname, "../..");

for (const section of SECTIONS) {
  const path = join(root, section.file);
  const before = readFileSync(path, "utf8");
  const after = withSection(before, section);
  if (after === before) continue;
  writeFileSync(path, after);
  process.stdout.write(`${section.file}: ${section.name}\n`);
}
