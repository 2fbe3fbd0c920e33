import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { InputError } from "../../../policies/kit/errors";
import { throwawayCertificates } from "./certificates";
import { ended, lastLine } from "./childProcess";
import type { Cleanup } from "./cleanup";
import { type Account, type Binaries, runnableFolder, serverAccount } from "./postgresBinaries";

/** One parameter of the stack's parameter group. */
export interface GroupParameter {
  readonly name: string;
  readonly value: string;
}

/** A parameter group as far as a plain PostgreSQL can take it. */
interface ServerSettings {
  readonly applied: readonly GroupParameter[];
  /** What is not as it is on RDS, each with the reason, for the report. */
  readonly notReproduced: readonly string[];
}

/** What the lab's own server adds; none of it is what the stack is judged by. */
const LABS_OWN: readonly GroupParameter[] = [
  // The data is thrown away: what a commit costs belongs to the declared hold time, not to this machine's disk.
  { name: "fsync", value: "off" },
  { name: "full_page_writes", value: "off" },
  // No neighbour of this machine waits for a checkpoint or a vacuum while a measurement runs.
  { name: "checkpoint_timeout", value: "1h" },
  { name: "autovacuum", value: "off" },
  { name: "jit", value: "off" },
];

/**
 * Sorts a parameter group into what is applied and what cannot be.
 * @param maxConnections - What the policies make of the group's `max_connections`, for a formula.
 */
export function serverSettings(
  parameters: readonly GroupParameter[],
  maxConnections: number | null,
): ServerSettings {
  const applied: GroupParameter[] = [];
  const notReproduced: string[] = [];
  for (const { name, value } of parameters) {
    if (name.startsWith("rds.")) {
      notReproduced.push(
        `${name}=${value}: RDS's own, no PostgreSQL elsewhere knows it${atHome[name] ?? ""}`,
      );
    } else if (!value.includes("{")) {
      applied.push({ name, value });
    } else if (name === "max_connections" && maxConnections !== null) {
      applied.push({ name, value: String(maxConnections) });
      notReproduced.push(`max_connections=${value}: ${maxConnections} is the model's estimate of it`);
    } else {
      notReproduced.push(`${name}=${value}: computed from the memory of the instance class`);
    }
  }
  return { applied, notReproduced: [...notReproduced, ...NEVER_REPRODUCED] };
}

/** What the lab does in place of a parameter of RDS's own. */
const atHome: { readonly [parameter: string]: string } = {
  "rds.force_ssl": " (the lab's server refuses connections without TLS in pg_hba.conf)",
};

/** What no parameter says and a laptop does not have. */
const NEVER_REPRODUCED: readonly string[] = [
  "IAM authentication: the lab's role has a password",
  "the sessions that RDS keeps for itself (about 6), and rds.rds_superuser_reserved_connections (2)",
  "the instance's vCPU, memory, disk and network: what they cost is inside the declared hold time, which the lab makes",
  "durability: the lab's server does not wait for its disk (fsync off)",
];

/** The settings as `postgres -c name=value` takes them. */
export function asArguments({ applied }: ServerSettings): string[] {
  return [...LABS_OWN, ...applied].flatMap(({ name, value }) => ["-c", `${name}=${value}`]);
}

/** Role of the lab itself. */
export const ADMIN = "postgres";
/** How long the server may take to be ready, and to leave, in milliseconds. */
const START_MS = 30_000;
const STOP_MS = 10_000;

/** Ports to try where none is asked for: between finding a free one and taking it, another program may. */
const MAX_PORTS = 5;
const TAKEN = /Address already in use|could not bind/;

interface ClusterOptions {
  readonly binaries: Binaries;
  readonly settings: ServerSettings;
  /** The lab's folder. */
  readonly folder: string;
  readonly cleanup: Cleanup;
  /** Undefined: a free one is found. */
  readonly port: number | undefined;
  /** Told the server's process, so that it cannot outlive the lab. */
  readonly onStart: (pid: number) => void;
}

/** A PostgreSQL server of the lab's own: on the loopback address, with TLS, in a folder that goes with it. */
export class Cluster {
  private server: ChildProcess | undefined;

  private constructor(
    /** Found anew when another program was quicker, unless it was asked for. */
    public port: number,
    readonly adminPassword: string,
    /** What `DB_SSL_CA` names. */
    readonly authorityFile: string,
    private readonly paths: { readonly bin: string; readonly data: string; readonly log: string },
    private readonly account: Account | undefined,
    private readonly options: ClusterOptions,
  ) {}

  /** @throws InputError saying what PostgreSQL objects to. */
  static async create(options: ClusterOptions): Promise<Cluster> {
    const { binaries, folder } = options;
    const account = serverAccount();
    const bin = runnableFolder(binaries, account, folder);
    const paths = { bin, data: join(folder, "data"), log: join(folder, "postgres.log") };
    const adminPassword = randomBytes(18).toString("base64url");
    const port = options.port ?? (await freePort());
    await initialise(paths, options, adminPassword, account);
    const authorityFile = secure(paths.data, folder, account);
    const cluster = new Cluster(port, adminPassword, authorityFile, paths, account, options);
    options.cleanup.add("database", () => cluster.stop());
    return cluster;
  }

  /** Process of the server, from whose children its CPU time is read. */
  get pid(): number | undefined {
    return this.server?.pid;
  }

  /** @throws InputError with the server's own last words. */
  async start(): Promise<void> {
    for (let tries = 1; ; tries++) {
      const said = await this.tryToStart();
      if (said === undefined) return;
      const canMove = this.options.port === undefined && TAKEN.test(said) && tries < MAX_PORTS;
      if (!canMove) throw new InputError(refusal(said, this.port));
      this.port = await freePort();
    }
  }

  /** What the server said when it did not start; undefined when it did. */
  private async tryToStart(): Promise<string | undefined> {
    const log = openSync(this.paths.log, "a");
    const from = readFileSync(this.paths.log).length;
    const server = spawn(
      join(this.paths.bin, "postgres"),
      [
        ...["-D", this.paths.data, "-p", String(this.port), "-h", "127.0.0.1"],
        ...["-c", "unix_socket_directories=", "-c", "ssl=on"],
        ...asArguments(this.options.settings),
      ],
      // A group of its own: a Ctrl-C in the terminal is the lab's to handle, which lets the tasks drain first.
      { ...this.account, cwd: "/", detached: true, stdio: ["ignore", log, log], env: serverEnvironment() },
    );
    closeSync(log);
    this.server = server;
    let startError: Error | undefined;
    server.once("error", (error) => {
      startError = error;
    });
    if (server.pid !== undefined) this.options.onStart(server.pid);
    for (const limit = Date.now() + START_MS; Date.now() < limit; await sleep(25)) {
      const said = readFileSync(this.paths.log, "utf8").slice(from);
      if (said.includes("database system is ready to accept connections")) return undefined;
      if (startError !== undefined || server.exitCode !== null || server.signalCode !== null) {
        this.server = undefined;
        return said || String(startError);
      }
    }
    await this.stop();
    throw new InputError(`PostgreSQL was not ready after ${START_MS / 1000} s`);
  }

  /** Ends the server and waits until it has gone: sessions are closed in order, and dropped where that takes too long. */
  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const gone = new Promise((resolve) => server.once("exit", resolve));
    for (const signal of ["SIGINT", "SIGQUIT", "SIGKILL"] as const) {
      server.kill(signal);
      const hasGone = await Promise.race([gone.then(() => true), sleep(STOP_MS, false, { ref: false })]);
      if (hasGone) return;
    }
  }
}

async function initialise(
  { bin, data }: { readonly bin: string; readonly data: string },
  { folder, cleanup, onStart }: ClusterOptions,
  password: string,
  account: Account | undefined,
): Promise<void> {
  mkdirSync(data, { mode: 0o700 });
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (account) for (const path of [data, passwordFile]) chownSync(path, account.uid, account.gid);
  const child = spawn(
    join(bin, "initdb"),
    [
      ...["-D", data, "-U", ADMIN, "--pwfile", passwordFile, "--auth-host=scram-sha-256"],
      ...["--auth-local=reject", "--encoding=UTF8", "--no-locale", "--no-sync", "--no-instructions"],
    ],
    { ...account, cwd: "/", detached: true, stdio: ["ignore", "ignore", "pipe"], env: serverEnvironment() },
  );
  if (child.pid !== undefined) onStart(child.pid);
  const forget = cleanup.add("initdb", () => void child.kill("SIGKILL"));
  const { code, stderr } = await ended(child);
  await forget();
  rmSync(passwordFile, { force: true });
  if (code !== 0) {
    throw new InputError(`PostgreSQL cannot make a database in ${data}: ${lastLine(stderr) || code}`);
  }
}

/** TLS for every client, as `rds.force_ssl` demands: certificates, and no way in without them. */
function secure(data: string, folder: string, account: Account | undefined): string {
  const { authority, serverCertificate, serverKey } = throwawayCertificates();
  const own = (name: string, text: string): void => {
    const file = join(data, name);
    writeFileSync(file, text, { mode: 0o600 });
    if (account) chownSync(file, account.uid, account.gid);
  };
  own("server.crt", serverCertificate);
  own("server.key", serverKey);
  own("pg_hba.conf", "hostssl all all 127.0.0.1/32 scram-sha-256\n");
  const authorityFile = join(folder, "authority.pem");
  writeFileSync(authorityFile, authority, { mode: 0o644 });
  return authorityFile;
}

/** Nothing of the caller's: a PGDATA or a locale of theirs must not reach the server. */
const serverEnvironment = (): NodeJS.ProcessEnv => ({ PATH: process.env.PATH, LC_ALL: "C", TZ: "UTC" });

/** The server's own words, the telling line of them, with the way out in the usual case. */
function refusal(said: string, port: number): string {
  if (TAKEN.test(said)) {
    return `port ${port} of the loopback address is taken: leave --database-port out and a free one is found`;
  }
  const fatal = said.split("\n").find((line) => /FATAL|PANIC|ERROR/.test(line));
  const words = fatal ?? (lastLine(said) || "it says nothing");
  return `PostgreSQL does not start: ${words.replace(/^.*?(?=FATAL|PANIC|ERROR)/, "")}`;
}

/** A port of the loopback address that no program listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
