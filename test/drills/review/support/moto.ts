import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { freePort } from "./server";

/** AWS's API as a server of one's own, from PyPI: https://docs.getmoto.org */
const MOTO = "moto[server]==5.2.1";
const FOLDER = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "poolproof", "moto-5.2.1");
const SERVER = join(FOLDER, "bin", "moto_server");

/**
 * Whether moto can be run. `REQUIRE_MOTO=1` installs it into a virtual environment that every checkout of this user
 * shares, which takes a minute once; without it, and without an installation, the tests are skipped and say so.
 */
export function motoIsThere(): boolean {
  if (isWhole()) return true;
  if (!process.env.REQUIRE_MOTO) return false;
  run("python3", ["-m", "venv", "--clear", FOLDER]);
  run(join(FOLDER, "bin", "pip"), ["install", "--quiet", "--disable-pip-version-check", MOTO]);
  return isWhole();
}

/** An installation that was interrupted has the command and not all that it needs. */
function isWhole(): boolean {
  return existsSync(SERVER) && spawnSync(SERVER, ["--help"], { stdio: "ignore" }).status === 0;
}

function run(file: string, args: readonly string[]): void {
  const { status, error, stderr } = spawnSync(file, [...args], { encoding: "utf8" });
  if (status === 0) return;
  throw new Error(`REQUIRE_MOTO is set, and ${file} ${args.join(" ")} failed: ${error?.message ?? stderr}`);
}

export interface Moto {
  readonly url: string;
  /** Forgets everything. */
  reset(): Promise<void>;
  stop(): void;
}

/** Starts moto's server on a free port of the loopback. */
export async function startMoto(): Promise<Moto> {
  const port = await freePort();
  const server = spawn(SERVER, ["-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
  const url = `http://127.0.0.1:${port}`;
  await answers(url, server);
  return {
    url,
    reset: async () => {
      await fetch(`${url}/moto-api/reset`, { method: "POST" });
    },
    stop: () => {
      server.kill();
    },
  };
}

async function answers(url: string, server: ChildProcess): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline && server.exitCode === null) {
    try {
      if ((await fetch(`${url}/moto-api/`)).ok) return;
    } catch {
      // Not yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  server.kill();
  throw new Error("moto's server does not answer");
}
