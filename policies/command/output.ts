import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { writeReport } from "../reports/json";
import { InputError, isRecord, messageOf } from "./inputError";

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

/** The whole path of a file to write. Its folder is not made: a mistyped one would be left behind. @throws InputError */
export function fileFor(file: string, option: Option): string {
  const whole = path.resolve(file);
  const folder = path.dirname(whole);
  if (existsSync(folder)) return whole;
  throw new InputError(`${option}: there is no folder ${folder}: make it first, or correct the path`);
}

type Option = "--output" | "--svg";

/** @throws InputError when the file cannot be written. */
export function deliver(text: string, { file }: Destination): void {
  if (file === undefined) process.stdout.write(text);
  else save(file, text, "--output");
}

/** @throws InputError naming the option. */
export function save(file: string, text: string, option: Option): void {
  try {
    writeReport(file, text);
  } catch (error) {
    const what = option === "--svg" ? "picture" : "report";
    throw new InputError(`${option}: the ${what} cannot be written to ${file}: ${messageOf(error)}`);
  }
}

/** Version of this package. */
export function ownVersion(): string {
  const file = path.join(__dirname, "..", "..", "package.json");
  const content: unknown = JSON.parse(readFileSync(file, "utf8"));
  return isRecord(content) && typeof content.version === "string" ? content.version : "unknown";
}
