import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import * as path from "node:path";
import { parseDocument } from "yaml";
import { InputError, isRecord, messageOf } from "../kit/errors";
import { closest } from "../kit/text";

/** A Pulumi project on disk, as far as running its program needs it. */
export interface Project {
  readonly name: string;
  /** The language; undefined where the project names none. */
  readonly runtime: string | undefined;
  /** Folder of the project file. */
  readonly root: string;
  readonly file: string;
  /** Folder the program runs in, and the file in it when `main` names one. */
  readonly programFolder: string;
  readonly entry: string | undefined;
  readonly typescript: boolean;
  readonly nodeargs: readonly string[];
  /** The `config:` block, not yet interpreted. */
  readonly config: { readonly [key: string]: unknown };
  readonly stackFolder: string;
}

const PROJECT_FILES = ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"];

/** Finds and reads the project in a folder or the nearest one above it, to run its program. @throws InputError */
export function readProject(cwd: string): Project {
  const project = findProject(cwd);
  if (!project) {
    throw new InputError(
      `there is no Pulumi.yaml in ${path.resolve(cwd)} or above it; name the project's folder with \`--cwd DIR\``,
    );
  }
  if (project.runtime === "nodejs") return project;
  const shown = project.runtime === undefined ? "missing" : `"${project.runtime}"`;
  throw new InputError(
    `${project.file}: the runtime is ${shown}; \`check\` runs nodejs programs only. Have the policy pack write the plan (\`POOLPROOF_PLAN=plan.json pulumi preview --policy-pack …\`) and use \`--plan plan.json\``,
  );
}

/** The same of any language; undefined where there is none. @throws InputError */
export function findProject(cwd: string): Project | undefined {
  const start = path.resolve(cwd);
  if (!existsSync(start) || !statSync(start).isDirectory())
    throw new InputError(`--cwd: there is no folder ${start}`);
  const file = findUpward(start);
  if (!file) return undefined;
  const root = path.dirname(file);
  const content = parseYaml(file);
  if (!isRecord(content))
    throw new InputError(`${file} holds no project: it must at least say \`name:\` and \`runtime:\``);
  const { name, main } = content;
  if (typeof name !== "string" || name === "") throw new InputError(`${file} has no \`name:\``);
  const { runtime, options } = runtimeOf(content.runtime);
  const { programFolder, entry } = programOf(root, main, file);
  const stackFolder =
    content.stackConfigDir ?? (typeof content.config === "string" ? content.config : undefined);
  return {
    name,
    runtime,
    root,
    file,
    programFolder,
    entry,
    typescript: options.typescript !== false,
    nodeargs:
      typeof options.nodeargs === "string" ? options.nodeargs.split(/\s+/).filter((arg) => arg !== "") : [],
    config: isRecord(content.config) ? content.config : {},
    stackFolder: path.resolve(root, typeof stackFolder === "string" ? stackFolder : "."),
  };
}

function findUpward(start: string): string | undefined {
  for (let folder = start; ; folder = path.dirname(folder)) {
    const file = PROJECT_FILES.map((name) => path.join(folder, name)).find((each) => existsSync(each));
    if (file || folder === path.dirname(folder)) return file;
  }
}

function runtimeOf(runtime: unknown): Pick<Project, "runtime"> & {
  readonly options: { readonly [option: string]: unknown };
} {
  const name = isRecord(runtime) ? runtime.name : runtime;
  return {
    runtime: typeof name === "string" ? name : undefined,
    options: isRecord(runtime) && isRecord(runtime.options) ? runtime.options : {},
  };
}

/** Pulumi's rule: a folder in `main` is where the program runs; a file runs in its folder. */
function programOf(
  root: string,
  main: unknown,
  file: string,
): { programFolder: string; entry: string | undefined } {
  if (main === undefined || main === null || main === "") return { programFolder: root, entry: undefined };
  if (typeof main !== "string") throw new InputError(`${file}: \`main:\` must be a path`);
  const target = path.resolve(root, main);
  if (!existsSync(target)) throw new InputError(`${file}: \`main:\` names ${main}, which does not exist`);
  return statSync(target).isDirectory()
    ? { programFolder: target, entry: undefined }
    : { programFolder: path.dirname(target), entry: target };
}

/**
 * The stack's config file: `Pulumi.STACK` with the project file's own ending, in its `stackConfigDir`, where Pulumi looks
 * too. Undefined when the project has no stack files at all, which is a project without config.
 * @throws InputError naming the stacks there are.
 */
export function findStackFile(project: Project, stack: string): string | undefined {
  const ending = path.extname(project.file);
  const names = existsSync(project.stackFolder) ? readdirSync(project.stackFolder) : [];
  const stacks = names.flatMap((name) => {
    const isStackFile = name.startsWith("Pulumi.") && name.endsWith(ending);
    const found = isStackFile ? name.slice("Pulumi.".length, -ending.length) : "";
    return found === "" ? [] : [found];
  });
  const short = shortName(stack);
  if (stacks.includes(short)) return path.join(project.stackFolder, `Pulumi.${short}${ending}`);
  if (stacks.length === 0) return undefined;
  const near = closest(short, stacks);
  const hint = near ? `did you mean ${near}? The` : "the";
  throw new InputError(
    `there is no stack "${short}" in ${project.stackFolder}; ${hint} stacks are ${stacks.sort().join(", ")}`,
  );
}

/** `organization/project/stack` names the same stack as `stack`. */
export const shortName = (stack: string): string => stack.split("/").pop() ?? stack;

/** Keys without a namespace are the project's own; `project:config:key` is an old way of writing one. */
export function qualifiedKey({ name: project }: Project, name: string): string {
  if (!name.includes(":")) return `${project}:${name}`;
  return name.replace(/^([^:]+):config:/, "$1:");
}

/**
 * Reads a YAML or JSON file (JSON is YAML). Whole numbers keep all their digits.
 * @throws InputError naming the file, and the line of the first mistake.
 */
export function parseYaml(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new InputError(`${file} cannot be read: ${messageOf(error)}`);
  }
  const document = parseDocument(text, { intAsBigInt: true, logLevel: "silent" });
  const [problem] = document.errors;
  if (problem) {
    const line = problem.linePos?.[0].line;
    const what = problem.message.split("\n")[0]?.replace(/ at line \d+.*$/, "") ?? "it is malformed";
    throw new InputError(`${file}${line === undefined ? "" : `, line ${line}`}: ${what}`);
  }
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new InputError(`${file}: ${messageOf(error)}`);
  }
}
