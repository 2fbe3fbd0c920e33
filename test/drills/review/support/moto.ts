import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { freePort } from "./server";

/** `npm test` installs moto and says where; without it, the one that an earlier run installed is taken. */
const SERVER = process.env.POOLPROOF_MOTO_SERVER ?? installedBefore() ?? "";

/** Why the tests against moto cannot run, or undefined. Stands in their title. */
export const motoSkipReason: string | undefined = existsSync(SERVER)
  ? undefined
  : (process.env.POOLPROOF_MOTO_SKIP_REASON ?? "moto is not installed: `npm test` installs it");

if (motoSkipReason !== undefined && process.env.REQUIRE_MOTO === "1") {
  throw new Error(`REQUIRE_MOTO=1, but the tests against moto cannot run: ${motoSkipReason}`);
}

function installedBefore(): string | undefined {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "poolproof");
  const environments = existsSync(cache) ? readdirSync(cache).filter((name) => name.startsWith("moto-")) : [];
  return environments.map((name) => join(cache, name, "bin", "moto_server")).find((path) => existsSync(path));
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
