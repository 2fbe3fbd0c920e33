import { spawn } from "node:child_process";

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
}

/**
 * Prints the median of the pairs' ratios. Only the ratio means anything: machines differ, and so does one machine
 * from minute to minute.
 * @returns whether the ratio is within its target
 */
export async function compare({ name, target, ours, other }: Comparison): Promise<boolean> {
  await ours();
  await other();
  const pairs: [number, number][] = [];
  for (let pair = 0; pair < PAIRS; pair++) pairs.push([await ours(), await other()]);
  const ratio = median(pairs.map(([a, b]) => a / b));
  const [a, b] = [median(pairs.map(([value]) => value)), median(pairs.map(([, value]) => value))];
  const holds = ratio <= target;
  const verdict = `${holds ? "✔" : "✖"} at most ${target}`;
  console.log(`${name.padEnd(78)} ${a.toFixed(2)} s / ${b.toFixed(2)} s = ${ratio.toFixed(2)}  ${verdict}`);
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
