import { execFile, execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const root = resolve(__dirname, "..", "..");

/** The pages whose commands people copy; `docs/decisions` reports what was done, the changelog what changed. */
export function pagesWithCommands(): string[] {
  const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "*.md"], { cwd: root });
  return listed
    .toString()
    .split("\n")
    .filter((page) => page !== "" && !/^(test|docs\/decisions)\/|CHANGELOG/.test(page))
    .filter((page) => existsSync(join(root, page)));
}

/**
 * Every command that a page prints, in its order: those of its shell blocks, and those in its text and tables that are whole
 * (`npm run check -- STACK`, not a mere `npm run check`).
 */
export function commandsOf(page: string): string[] {
  const text = readFileSync(join(root, page), "utf8");
  const found: string[] = [];
  for (const [, indent = "", language, body = "", inline] of text.matchAll(
    /^( *)```(\w*)\n([\s\S]*?)^ *```$|`([^`\n]+)`/gm,
  )) {
    if (inline !== undefined) {
      if (/^(npm run (--silent )?[\w:]+ -- |npx poolproof \w+ -|npx tsx |npm pack)/.test(inline))
        found.push(inline);
    } else if (/^(sh|bash|shell|console)$/.test(language ?? "")) {
      const lines = body.split("\n").map((line) => line.slice(Math.min(indent.length, line.search(/\S|$/))));
      found.push(...statements(language === "console" ? shownCommands(lines) : lines));
    }
  }
  return found.map((command) => command.replaceAll("\\|", "|"));
}

const shownCommands = (lines: readonly string[]): string[] =>
  lines.filter((line) => line.startsWith("$ ")).map((line) => line.slice(2));

/** Lines as the shell takes them: one statement for a continued line, a here-document or a loop. */
function statements(lines: readonly string[]): string[] {
  const found: string[] = [];
  let open = "";
  let end: RegExp | undefined;
  for (const line of lines) {
    const bare = open === "" ? withoutComment(line) : line;
    open += open === "" ? bare : `\n${bare}`;
    if (end === undefined) {
      const heredoc = /<<'?(\w+)'?/.exec(bare)?.[1];
      if (heredoc !== undefined) end = new RegExp(`^${heredoc}$`);
      else if (/^for /.test(bare)) end = /^done\b/;
      else if (bare.endsWith("\\")) end = /[^\\]$/;
      else {
        found.push(open);
        open = "";
      }
    } else if (end.test(line)) {
      found.push(open);
      open = "";
      end = undefined;
    }
  }
  return found.map((each) => each.trim()).filter((each) => each !== "");
}

const withoutComment = (line: string): string => line.replace(/(^|\s+)# .*$/, "").trimEnd();

/** Where a command can be run by a test: in a checkout, in a project with the package, or with the Pulumi engine as well. */
export type Runnable = "checkout" | "project" | "engine";

/** What keeps a command from being run by a test. */
export type Exception =
  | "an AWS account"
  | "a service outside this machine"
  | "minutes of load or of tests"
  | "a PostgreSQL server of one's own"
  | "a change of the repository's history"
  | "another policy pack"
  | "a deployment, which test/engine tries"
  | "values to fill in";

/** The first that matches a command counts; a command that none matches fails the test. */
const CLASSES: readonly (readonly [command: RegExp, where: Runnable | Exception])[] = [
  [
    /^aws |--real-aws|^pulumi (up|refresh|cancel)\b|^eval "\$\(pulumi stack output|^pulumi stack output/,
    "an AWS account",
  ],
  [/^npm run (--silent )?review -- (?!STACK --print-iam-policy)/, "an AWS account"],
  [/^git apply measured\.patch/, "an AWS account"],
  [
    /^(docker|kubectl|gh) |^for name in AWS_REGION|^pulumi (login|policy (publish|enable|ls))/,
    "a service outside this machine",
  ],
  [
    /^npm (install|ci)\b|npm install (--save-dev|\/path\/)|^npm audit|^npm run tables:|^pulumi package add/,
    "a service outside this machine",
  ],
  [
    /^pulumi stack init prod --secrets-provider|^cd (\.\.|policies|delivery)$|^pulumi (stack init account|config set (aws:region|repository))/,
    "an AWS account",
  ],
  [/^npm (start|test)\b|^npm run mutation|^npx vitest/, "minutes of load or of tests"],
  [/^npm run stress -- (?!--help)/, "minutes of load or of tests"],
  [
    /^(read -rs DB_PASSWORD|PGPASSWORD=|DB_USER=|echo 'correct horse'|curl |psql )|--env-file=service\/local\.env/,
    "a PostgreSQL server of one's own",
  ],
  [/^git (revert|push|tag|add)\b/, "a change of the repository's history"],
  [/awsguard/, "another policy pack"],
  [
    /releaseNotes\.ts|incident-YYYY-MM-DD|replay -- NAME|--trace FILE|--state FILE|--base FILE|--plan FILE/,
    "values to fill in",
  ],
  [/\bpulumi (preview|stack|up|config|policy)\b/, "engine"],
  [/^npm run (up|destroy) -- /, "a deployment, which test/engine tries"],
  [/^npm run preview -- |^npm run check -- STACK --base now\.json/, "engine"],
  [
    /^npm run (--silent )?(check|explain|replay|stress|review)\b|^npm pack\b|^npx tsx |^node -e |^cut .* access\.log /,
    "checkout",
  ],
  [/^export POOLPROOF_PLAN=|^npx --prefix policy poolproof |--policy-config policy\/prod\.json/, "engine"],
  [/^npx poolproof .*incident-2024-09-02/, "checkout"],
  [/^npx poolproof |^mkdir -p /, "project"],
];

export const classOf = (command: string): Runnable | Exception | undefined =>
  CLASSES.find(([pattern]) => pattern.test(command))?.[1];

export const isRunnable = (where: string | undefined): where is Runnable =>
  where === "checkout" || where === "project" || where === "engine";

/** Folders that are gone when `removeAll` is called. */
const made: string[] = [];
function temporary(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  made.push(folder);
  return folder;
}
export function removeAll(): void {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** The installed packages by links, as an `npm install` would lay them out, so that no test needs a registry. */
function linkPackages(folder: string, ours: readonly string[]): void {
  mkdirSync(join(folder, "node_modules"));
  for (const name of readdirSync(join(root, "node_modules"))) {
    if (!ours.includes(name))
      symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
  }
}

/** A copy of this checkout, built, without its state. */
export function copyOfCheckout(): string {
  const folder = temporary("checkout");
  const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], { cwd: root });
  const built = ["policies/dist", "engine/dist", "service/dist"];
  for (const path of [...files.toString().split("\0").filter(Boolean), ...built]) {
    if (!existsSync(join(root, path))) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(root, path), join(folder, path), { recursive: true, preserveTimestamps: true });
  }
  linkPackages(folder, ["poolproof", "auth-service"]);
  symlinkSync("../policies", join(folder, "node_modules", "poolproof"));
  symlinkSync("../service", join(folder, "node_modules", "auth-service"));
  return folder;
}

/** A project of its own, in a folder of projects, that has the pack from its tarball. @param checkout - Where it is packed. */
export function projectWithPackage(checkout: string): { folder: string; packed: readonly string[] } {
  const projects = temporary("projects");
  const folder = join(projects, "shop");
  cpSync(join(root, "test/fixtures/two-services"), folder, { recursive: true });
  cpSync(join(folder, "Pulumi.dev.yaml"), join(folder, "Pulumi.prod.yaml"));
  linkPackages(folder, ["poolproof", ".bin", ".package-lock.json"]);
  const modules = join(folder, "node_modules");
  const pack = spawnSync("npm", ["pack", "--json", "--silent", "--pack-destination", folder], {
    cwd: join(checkout, "policies"),
    encoding: "utf8",
  });
  const [tarball] = JSON.parse(pack.stdout) as { filename: string; files: { path: string }[] }[];
  if (!tarball) throw new Error(`npm pack said ${pack.stderr}`);
  spawnSync("tar", ["-xzf", tarball.filename], { cwd: folder });
  cpSync(join(folder, "package"), join(modules, "poolproof"), { recursive: true });
  rmSync(join(folder, "package"), { recursive: true });
  mkdirSync(join(modules, ".bin"));
  symlinkSync("../poolproof/bin/poolproof.js", join(modules, ".bin", "poolproof"));
  symlinkSync("shop/node_modules", join(projects, "node_modules"));
  return { folder, packed: tarball.files.map(({ path }) => path) };
}

/** A stack for STACK and a number for N; an option that may be left out is given. */
export const filledIn = (command: string): string =>
  command
    .replaceAll("STACK", "dev")
    .replace(/ N /, " 400 ")
    .replace("[--policy-config FILE]", "--policy-config poolproof.json");

export interface Ended {
  readonly code: number;
  readonly output: string;
}

/** Runs a command as a shell does that it is typed into. */
export function shell(command: string, cwd: string, extra: NodeJS.ProcessEnv = process.env): Promise<Ended> {
  const env = { ...extra, NO_COLOR: "1", npm_config_update_notifier: "false" };
  return new Promise((resolve) => {
    execFile("sh", ["-c", command], { cwd, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
      resolve({
        code: typeof error?.code === "number" ? error.code : error ? -1 : 0,
        output: stdout + stderr,
      }),
    );
  });
}

/** @throws Error with what the command said, unless it ended as it should. */
export function expectCode(command: string, { code, output }: Ended, allowed: readonly number[]): void {
  if (allowed.includes(code) && !/^\s+at .+:\d+:\d+\)?$/m.test(output)) return;
  throw new Error(`${command}\nexits with ${code}, not ${allowed.join(" or ")}:\n${output}`);
}
