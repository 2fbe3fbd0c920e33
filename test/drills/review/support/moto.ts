import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { homedir } from "node:os";
import { join } from "node:path";
import { freePort, type TestServer, testServer } from "./recorded";

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

/**
 * What moto 5.2.1 cannot answer, answered in its place in the shapes that AWS documents:
 *
 * - percentiles: a GetMetricData for `p99` ends in an internal error;
 * - composite alarms: PutCompositeAlarm is not implemented, so DescribeAlarms never has one;
 * - alarms are never evaluated, and DisableAlarmActions is not implemented: here `PutMetricAlarm` does it;
 * - a service's `deploymentConfiguration` is forgotten, and none of its tasks ever runs;
 * - the `Source` of a parameter is forgotten: all that moto lists are a user's;
 * - `ParameterApplyStatus` is always `in-sync`, and nothing is ever pending.
 */
export interface Gaps {
  /** Seconds, by the start of each five minutes. */
  readonly waitP99: readonly { readonly time: number; readonly value: number }[];
  readonly compositeAlarms: readonly { readonly [property: string]: unknown }[];
  readonly applyStatus: string;
  readonly deployment: { readonly maximumPercent: number; readonly minimumHealthyPercent: number };
  /** XML inside `PendingModifiedValues`. */
  readonly pendingXml: string;
}

export interface GapFiller extends TestServer {
  gaps: Gaps;
}

/** Stands in front of moto and fills its gaps. */
export async function fillGaps(moto: string, gaps: Gaps): Promise<GapFiller> {
  const server = await testServer(async (request, asked, response) => {
    const { status, headers, body } = await answer(moto, request, asked, filler.gaps);
    response.writeHead(status, headers);
    response.end(body);
  });
  const filler = { ...server, gaps };
  return filler;
}

interface Answer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

async function answer(moto: string, request: IncomingMessage, asked: string, gaps: Gaps): Promise<Answer> {
  const target = String(request.headers["x-amz-target"] ?? "");
  if (target.endsWith(".GetMetricData") && asked.includes('"p99"')) return json(waits(gaps));
  const headers = Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) =>
      typeof value === "string" && !["host", "connection", "content-length"].includes(name)
        ? [[name, value]]
        : [],
    ),
  );
  const answered = await fetch(`${moto}${request.url}`, {
    method: request.method ?? "POST",
    headers,
    body: asked,
  });
  const body = await answered.text();
  const type = { "content-type": answered.headers.get("content-type") ?? "text/plain" };
  return { status: answered.status, headers: type, body: filled(target, asked, body, gaps) };
}

function filled(target: string, asked: string, body: string, gaps: Gaps): string {
  if (target.endsWith(".DescribeAlarms")) {
    const alarms = JSON.parse(body) as { readonly [kind: string]: unknown };
    return JSON.stringify({ ...alarms, CompositeAlarms: gaps.compositeAlarms });
  }
  if (target.endsWith(".DescribeServices")) {
    const { services = [], ...more } = JSON.parse(body) as { readonly services?: readonly object[] };
    const deployed = services.map((service) => ({
      ...service,
      deploymentConfiguration: gaps.deployment,
      runningCount: "desiredCount" in service ? service.desiredCount : 0,
    }));
    return JSON.stringify({ ...more, services: deployed });
  }
  if (asked.includes("Action=DescribeDBParameters")) {
    return body.replaceAll("</Parameter>", "<Source>user</Source></Parameter>");
  }
  if (asked.includes("Action=DescribeDBInstances")) {
    const pending = `<PendingModifiedValues>${gaps.pendingXml}</PendingModifiedValues>`;
    return body
      .replaceAll("<ParameterApplyStatus>in-sync<", `<ParameterApplyStatus>${gaps.applyStatus}<`)
      .replace("</DBInstance>", `${pending}</DBInstance>`);
  }
  return body;
}

function waits({ waitP99 }: Gaps): unknown {
  return {
    MetricDataResults: [
      {
        Id: "answer",
        Label: "db.client.connection.wait_time",
        StatusCode: "Complete",
        Timestamps: waitP99.map(({ time }) => time / 1000),
        Values: waitP99.map(({ value }) => value),
      },
    ],
    Messages: [],
  };
}

const json = (content: unknown): Answer => ({
  status: 200,
  headers: { "content-type": "application/x-amz-json-1.0" },
  body: JSON.stringify(content),
});
