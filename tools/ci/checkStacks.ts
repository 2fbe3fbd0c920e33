// Judges every stack of a repository as `npm run check` does, and leaves each report in a folder as JSON, SARIF and Markdown.
//
//     npx tsx tools/ci/checkStacks.ts --output reports [--root DIR]
//
// Exit codes: 0 every stack has the verdict it must have, 1 one has not, 2 one cannot be judged.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { command, expectedVerdict, options, Stop } from "./support";

const ENDINGS = { json: "json", sarif: "sarif", markdown: "md" };

/** The stacks of the project in a folder, by its stack files. */
function stacksOf(root: string): string[] {
  return readdirSync(join(root, "stacks"))
    .flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
    .sort();
}

function check(root: string, stack: string, output: string): { stack: string; code: number; said: string } {
  let code = 0;
  let said = "";
  for (const [format, ending] of Object.entries(ENDINGS)) {
    const file = join(output, `${stack}.${ending}`);
    const args = ["run", "--silent", "check", "--", stack, "--format", format, "--output", file];
    const ended = spawnSync("npm", args, { cwd: root, encoding: "utf8" });
    code = ended.status ?? 2;
    said = ended.stderr.trim();
    // What cannot be read in one format cannot be read in another.
    if (code > 1) break;
  }
  return { stack, code, said };
}

if (process.argv[1] === __filename) {
  command(() => {
    const { optional, required } = options(process.argv.slice(2), ["output", "root"]);
    const output = resolve(required("output"));
    const root = resolve(optional("root") ?? ".");
    mkdirSync(output, { recursive: true });
    const judged = stacksOf(root).map((stack) => check(root, stack, output));
    const lines = judged.map(({ stack, code, said }) => {
      const expected = expectedVerdict(stack);
      const verdict = ["accepted", "rejected"][code] ?? "cannot be judged";
      const mark = verdict === expected ? "✔" : "✖";
      return `${mark} ${stack}: ${verdict}${verdict === expected ? "" : `, must be ${expected}`}${code > 1 ? `: ${said}` : ""}`;
    });
    process.stdout.write(`${lines.join("\n")}\n`);
    const wrong = judged.filter(
      ({ stack, code }) => code !== (expectedVerdict(stack) === "accepted" ? 0 : 1),
    );
    if (judged.length === 0) throw new Stop(`there are no stacks in ${join(root, "stacks")}`);
    if (wrong.length === 0) return;
    const names = wrong.map(({ stack }) => stack).join(", ");
    throw new Stop(`${names}: see the reports in ${output}`, wrong.some(({ code }) => code > 1) ? 2 : 1);
  });
}
