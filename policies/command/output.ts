import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import * as path from "node:path";
import { InputError, isRecord, reasonOf } from "../kit/errors";
import { count, number, utcMinute } from "../kit/text";
import { writeReport } from "../reports/json";

/** Where a report goes: a file, or stdout. */
interface Destination {
  /** Absolute: the program may change the working folder. */
  readonly file: string | undefined;
  readonly color: boolean;
  /** Columns to wrap at. */
  readonly width: number;
}

/** Columns of a text that no terminal shows. */
const FILE_WIDTH = 100;

/** To be asked for before the program runs, which may change folders and where stdout goes. @throws InputError */
export function destination(output: string | undefined): Destination {
  const isTerminal = output === undefined && process.stdout.isTTY === true;
  return {
    file: output === undefined ? undefined : fileFor(output, "--output"),
    color: isTerminal && !process.env.NO_COLOR,
    width: isTerminal ? process.stdout.columns : FILE_WIDTH,
  };
}

/**
 * The whole path of a file to write. Its folder is not made: a mistyped one would be left behind.
 * @param option - That names the file: `--output`.
 * @throws InputError
 */
export function fileFor(file: string, option: string): string {
  const whole = path.resolve(file);
  const folder = path.dirname(whole);
  const isFolder = (name: string): boolean => statSync(name).isDirectory();
  if (!existsSync(folder)) {
    throw new InputError(`${option}: there is no folder ${folder}: make it first, or correct the path`);
  }
  if (!isFolder(folder)) throw new InputError(`${option}: ${folder} is not a folder: correct the path`);
  if (/[/\\]$/.test(file) || (existsSync(whole) && isFolder(whole))) {
    throw new InputError(`${option}: ${file} is a folder; name a file in it`);
  }
  return whole;
}

/** @throws InputError when the file cannot be written. */
export function deliver(text: string, { file }: Pick<Destination, "file">): void {
  if (file === undefined) process.stdout.write(text);
  else save(file, text, "--output");
}

/** @throws InputError naming the option. */
export function save(file: string, text: string, option: string): void {
  try {
    writeReport(file, text);
  } catch (error) {
    throw new InputError(`${option}: ${file} cannot be written: ${reasonOf(error)}`);
  }
}

/** When a page was made, of which commit and on which machine; the commit only where Git knows it. */
export function circumstances(): readonly (readonly [string, string])[] {
  const git = spawnSync("git", ["describe", "--always", "--dirty"], { encoding: "utf8" });
  const commit = git.status === 0 ? git.stdout.trim() : "";
  const memory = `${number(totalmem() / 2 ** 30)} GiB`;
  const machine = `${count(cpus().length, "CPU")} (${cpus()[0]?.model.trim() ?? "unknown"}), ${memory}, Node.js ${process.versions.node}`;
  return [
    ["date", utcMinute(Date.now())],
    ...(commit === "" ? [] : [["commit", commit] as const]),
    ["machine", machine],
  ];
}

/** Version of this package. */
export function ownVersion(): string {
  const file = path.join(__dirname, "..", "..", "package.json");
  const content: unknown = JSON.parse(readFileSync(file, "utf8"));
  return isRecord(content) && typeof content.version === "string" ? content.version : "unknown";
}
