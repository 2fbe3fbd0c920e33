import { spawn } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** Interleaved pairs a comparison is made of, after one run of each that does not count. */
const PAIRS = 7;

export interface Comparison {
  readonly name: string;
  /** The most the ratio may be. */
  readonly target: number;
  /** Seconds of one run of what is measured. */
  ours(): Promise<number>;
  /** Seconds of one run of the least that could be had, or of what stands in its place today. */
  other(): Promise<number>;
  /** What the time of one run of ours is made of, in a line. */
  parts?(): Promise<string>;
}

/**
 * Prints the median of the pairs' ratios. Only the ratio means anything: machines differ, and so does one machine
 * from minute to minute.
 * @returns whether the ratio is within its target
 */
export async function compare({ name, target, ours, other, parts }: Comparison): Promise<boolean> {
  await ours();
  await other();
  const pairs: [number, number][] = [];
  for (let pair = 0; pair < PAIRS; pair++) pairs.push([await ours(), await other()]);
  const ratio = median(pairs.map(([a, b]) => a / b));
  const [a, b] = [median(pairs.map(([value]) => value)), median(pairs.map(([, value]) => value))];
  const holds = ratio <= target;
  const verdict = `${holds ? "✔" : "✖"} at most ${target}`;
  console.log(`${name.padEnd(78)} ${a.toFixed(2)} s / ${b.toFixed(2)} s = ${ratio.toFixed(2)}  ${verdict}`);
  if (parts !== undefined) console.log(`  ${await parts()}`);
  return holds;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export interface Run {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Stop the clock, and the process, at its first output. */
  readonly untilOutput?: boolean;
}

/** Seconds that a command takes. @throws Error with what it wrote, when it does not end with 0. */
export function seconds(command: string, args: readonly string[], run: Run): Promise<number> {
  return new Promise((done, fail) => {
    const started = performance.now();
    const child = spawn(command, [...args], { ...run, stdio: ["ignore", "pipe", "pipe"] });
    const stop = () => done((performance.now() - started) / 1000);
    let said = "";
    child.stderr.on("data", (text) => {
      said += text;
    });
    child.stdout.on("data", (text) => {
      said += text;
      if (!run.untilOutput) return;
      stop();
      child.kill("SIGKILL");
    });
    child.on("error", fail);
    child.on("close", (code) => {
      if (code === 0 || run.untilOutput) stop();
      else fail(new Error(`${command} ${args.join(" ")} ended with ${code}: ${said.slice(-2000)}`));
    });
  });
}

/** What of V8's CPU profile is read: https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile */
interface CpuProfile {
  readonly nodes: readonly { id: number; callFrame: { functionName: string; url: string } }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Parts below this share are not named. */
const MIN_SHARE = 0.03;

/** What a Node.js command spends its time on, by package and by room: `31 % @pulumi/pulumi, 12 % policies/dist, …`. */
export async function partsOf(args: readonly string[], run: Run): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "profile-"));
  try {
    await seconds(process.execPath, ["--cpu-prof", `--cpu-prof-dir=${folder}`, ...args], run);
    const [file = ""] = readdirSync(folder);
    const profile = JSON.parse(readFileSync(join(folder, file), "utf8")) as CpuProfile;
    const places = new Map(profile.nodes.map(({ id, callFrame }) => [id, placeOf(callFrame, run.cwd)]));
    const spent = new Map<string, number>();
    for (const [index, sample] of profile.samples.entries()) {
      const place = places.get(sample) ?? "";
      spent.set(place, (spent.get(place) ?? 0) + (profile.timeDeltas[index] ?? 0));
    }
    const all = [...spent.values()].reduce((sum, each) => sum + each, 0);
    return [...spent]
      .sort(([, a], [, b]) => b - a)
      .filter(([, time]) => time / all >= MIN_SHARE)
      .map(([place, time]) => `${Math.round((100 * time) / all)} % ${place}`)
      .join(", ");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function placeOf({ functionName, url }: CpuProfile["nodes"][number]["callFrame"], root: string): string {
  if (url === "") return functionName === "(garbage collector)" ? "garbage collection" : "V8 and files";
  if (url.startsWith("node:")) return "Node.js, most of it loading modules";
  const packages = [...url.matchAll(/node_modules\/((?:@[^/]+\/)?[^/]+)/g)];
  const inPackage = packages.at(-1)?.[1];
  if (inPackage !== undefined) return inPackage;
  return url
    .slice(url.indexOf(root) + root.length + 1)
    .split("/", 2)
    .join("/");
}

export const root = resolve(import.meta.dirname, "..", "..");

/** Pulumi's own program that loads and serves a policy pack. */
export const packRunner = join(root, "node_modules", "@pulumi", "pulumi", "cmd", "run-policy-pack");

/** A compiled pack with no policies: the least that any pack costs. */
export const emptyPack = (): string => packOf("empty", "[]");

/** A compiled pack whose one policy is handed the whole stack and does nothing with it. */
export const emptyStackPolicy = (): string =>
  packOf(
    "idle",
    '[{ name: "idle", description: "idle", enforcementLevel: "mandatory", validateStack: () => {} }]',
  );

function packOf(name: string, policies: string): string {
  const folder = mkdtempSync(join(tmpdir(), `${name}-pack-`));
  writeFileSync(join(folder, "PulumiPolicy.yaml"), `name: ${name}\nruntime: nodejs\nmain: dist\n`);
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name, version: "1.0.0", main: "dist/index.js" }),
  );
  mkdirSync(join(folder, "dist"));
  writeFileSync(
    join(folder, "dist", "index.js"),
    `const { PolicyPack } = require("@pulumi/policy");\nnew PolicyPack("${name}", { policies: ${policies} });\n`,
  );
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(join(root, "node_modules", "@pulumi"), join(folder, "node_modules", "@pulumi"));
  return folder;
}
