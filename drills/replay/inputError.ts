import { InvalidAlarmError } from "../../policies/model/cloudwatch/alarm";

/** Input that the replay cannot use: one line that says what, where and how to mend it. Exit code 2. */
export class ReplayInputError extends Error {
  override readonly name = "ReplayInputError";
}

/** What the system said about a file, without Node's code words and call. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? error.code : undefined;
  if (code === "ENOENT") return "it does not exist";
  if (code === "EISDIR") return "it is a folder";
  if (code === "EACCES") return "it may not be read or written";
  return error.message.split("\n")[0] ?? error.message;
}

/** @throws ReplayInputError naming the alarm, for what of it cannot be evaluated. */
export function forAlarm<T>(id: string, evaluate: () => T): T {
  try {
    return evaluate();
  } catch (error) {
    if (!(error instanceof InvalidAlarmError)) throw error;
    throw new ReplayInputError(`alarm ${id}: ${error.message}`);
  }
}
