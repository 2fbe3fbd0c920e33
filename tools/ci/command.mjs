// @ts-check
/** What stops a command of this folder: one line that says what is wrong, and how to mend it. */
export class Stop extends Error {
  /**
   * @param {string} message
   * @param {1 | 2} [exitCode] 1: a finding, 2: input that cannot be used
   */
  constructor(message, exitCode = 2) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * Runs a command's body and sets the exit code; what it throws is said in one line.
 * @param {() => void | Promise<void>} body
 */
export async function command(body) {
  try {
    await body();
  } catch (error) {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof Stop ? error.exitCode : 2;
  }
}

/**
 * `--name value` pairs of a command line.
 * @param {readonly string[]} argv
 * @param {readonly string[]} names those that may be there
 * @returns {Record<string, string | undefined>}
 */
export function options(argv, names) {
  /** @type {Record<string, string | undefined>} */
  const found = {};
  for (let at = 0; at < argv.length; at += 2) {
    const name = argv[at]?.replace(/^--/, "") ?? "";
    if (!argv[at]?.startsWith("--") || !names.includes(name)) {
      throw new Stop(`there is no option ${argv[at]}: ${names.map((each) => `--${each}`).join(", ")}`);
    }
    if (argv[at + 1] === undefined) throw new Stop(`--${name} needs a value`);
    found[name] = argv[at + 1];
  }
  return found;
}

/**
 * @param {Record<string, string | undefined>} given
 * @param {string} name
 * @returns {string}
 */
export function required(given, name) {
  const value = given[name];
  if (!value) throw new Stop(`--${name} is missing`);
  return value;
}
