// @ts-check
import { join } from "node:path";
import { languageHost } from "./discover.mjs";
import { offlineProvider } from "./paths.mjs";

/**
 * Pulumi warns, several times, of every plugin that it takes from PATH. In the embedded default that is the point: the
 * offline provider is named once in each list, as what it is, and our language host not at all.
 * @param {readonly string[]} engineDirectories
 * @returns {(line: string) => string | undefined} the line to show, undefined for none
 */
export function pluginNotes(engineDirectories) {
  const provider = `using pulumi-resource-aws from $PATH at ${join(offlineProvider, "pulumi-resource-aws")}`;
  const hosts = engineDirectories.map(
    (path) => `using ${languageHost} from $PATH at ${join(path, languageHost)}`,
  );
  let told = false;
  return (line) => {
    if (line.includes("Diagnostics:")) told = false;
    if (hosts.some((warning) => line.includes(warning))) return undefined;
    if (!line.includes(provider)) return line;
    // While it works Pulumi shows each message behind the resource's type; at the end it lists them again.
    if (told || line.includes("pulumi:pulumi:Stack")) return undefined;
    told = true;
    return line.replace(provider, "the offline provider answers in place of AWS: nothing here is real");
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape is how a colour begins
const COLOUR = /\x1b\[[\d;]*m/g;

/**
 * Whether a line says no more than that a resource would be created, changed or deleted: ` +  aws:rds:Instance db create `.
 * @param {string} line
 */
export function isPlainStep(line) {
  return /^ *[-+~]+ +\w+:[\w/-]+:\w+ \S+ (create|update|delete|replace) *$/.test(line.replace(COLOUR, ""));
}

/**
 * Writes a stream on line by line, each as `rewrite` wants it.
 * @param {(text: string) => unknown} write
 * @param {(line: string) => string | undefined} rewrite
 */
export function byLine(write, rewrite) {
  let rest = "";
  return {
    /** @param {string} text */
    write(text) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      const shown = lines.flatMap((line) => rewrite(line) ?? []);
      if (shown.length > 0) write(`${shown.join("\n")}\n`);
    },
    end() {
      const shown = rest === "" ? undefined : rewrite(rest);
      if (shown !== undefined) write(shown);
      rest = "";
    },
  };
}
