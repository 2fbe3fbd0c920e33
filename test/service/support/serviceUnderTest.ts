import { type RunningService, startService } from "../../../service/service";
import { readServiceSettings } from "../../../service/settings/serviceSettings";
import { type Change, ENVIRONMENT } from "./environment";
import { type Reported, readEmf } from "./reported";

/** One answer of the service. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: { readonly [field: string]: unknown };
}

export interface ServiceUnderTest extends RunningService {
  get(path: string, headers?: { readonly [name: string]: string }): Promise<Answer>;
  post(path: string, body?: unknown, headers?: { readonly [name: string]: string }): Promise<Answer>;
  login(account: object): Promise<Answer>;
  /** A logout of a session that does not exist: one acquisition, held as long as the database was told to. */
  hold(): Promise<Answer>;
  /** Everything written so far. */
  readonly lines: readonly string[];
  /** Stops it, which flushes, and reads the metrics. */
  stopAndRead(): Promise<Reported>;
}

/** Nobody has it, but it could be one. */
export const STRANGE_TOKEN = "A".repeat(43);

/** Starts the service in this process, on a database. */
export async function startUnderTest(
  { port, caFile }: { readonly port: number; readonly caFile?: string },
  change: Change = {},
): Promise<ServiceUnderTest> {
  const lines: string[] = [];
  const settings = readServiceSettings({
    ...ENVIRONMENT,
    DB_PORT: String(port),
    DB_SSL_CA: caFile ?? "",
    ...change,
  });
  const service = await startService(settings, (line) => lines.push(line), { lastRequestsMs: 0 });
  const base = `http://127.0.0.1:${service.port}`;
  const ask = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await fetch(base + path, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === "" ? {} : JSON.parse(text) };
  };
  const post: ServiceUnderTest["post"] = (path, body, headers = {}) =>
    ask(path, {
      method: "POST",
      headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
  let stopped: Promise<boolean> | undefined;
  const stop = () => {
    stopped ??= service.stop();
    return stopped;
  };
  return {
    ...service,
    lines,
    stop,
    get: (path, headers = {}) => ask(path, { headers }),
    post,
    login: (account) => post("/login", account),
    hold: () => post("/logout", undefined, { authorization: `Bearer ${STRANGE_TOKEN}` }),
    async stopAndRead() {
      await stop();
      return readEmf(lines);
    },
  };
}
