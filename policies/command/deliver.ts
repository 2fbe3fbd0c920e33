import * as path from "node:path";
import { writeReport } from "../reports/writeReport";
import { InputError, messageOf } from "./inputError";

/** Where a report goes: a file, or stdout. */
export interface Destination {
  /** Absolute: the program may change the working folder. */
  readonly file: string | undefined;
  readonly color: boolean;
  /** Columns to wrap at. */
  readonly width: number;
}

/** Columns of a text that no terminal shows. */
const FILE_WIDTH = 100;

/** To be asked for before the program runs, which may change folders and where stdout goes. */
export function destination(output: string | undefined): Destination {
  const isTerminal = output === undefined && process.stdout.isTTY === true;
  return {
    file: output === undefined ? undefined : path.resolve(output),
    color: isTerminal && !process.env.NO_COLOR,
    width: isTerminal ? process.stdout.columns : FILE_WIDTH,
  };
}

/** @throws InputError when the file cannot be written. */
export function deliver(text: string, { file }: Destination): void {
  if (file === undefined) process.stdout.write(text);
  else save(file, text, "--output");
}

/** @throws InputError naming the option. */
export function save(file: string, text: string, option: "--output" | "--svg"): void {
  try {
    writeReport(file, text);
  } catch (error) {
    const what = option === "--svg" ? "picture" : "report";
    throw new InputError(`${option}: the ${what} cannot be written to ${file}: ${messageOf(error)}`);
  }
}
