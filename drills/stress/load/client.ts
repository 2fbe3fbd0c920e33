import { Agent, request } from "node:http";
import type { Random } from "../../../policies/kit/random";
import type { Credentials } from "./generatorProcess";
import { type Answer, fieldOf, type Outcome, outcomeOfAnswer, type RequestKind } from "./requests";

/** What one request brought. */
interface Reply {
  readonly outcome: Outcome;
  /** Of a login that was let in. */
  readonly token?: string;
}

/** Sends requests to one task over connections that stay open, as a load balancer does. */
export class Client {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

  constructor(
    readonly port: number,
    private readonly credentials: Credentials,
    private readonly deadlineMs: number,
  ) {}

  /** Never rejects: whatever happens is an outcome. */
  send(kind: RequestKind, random: Random): Promise<Reply> {
    const user = Math.floor(random() * this.credentials.users);
    switch (kind) {
      case "login":
      case "wrong-password":
        return this.login(user, kind === "login");
      case "session":
      case "unknown-session":
        return this.session(user, kind === "session");
    }
  }

  close(): void {
    this.agent.destroy();
  }

  private async login(user: number, isRight: boolean): Promise<Reply> {
    const { password, userIds } = this.credentials;
    const body = JSON.stringify({
      username: `user-${user}`,
      password: isRight ? password : `${password}, mistyped`,
    });
    const answer = await this.exchange("POST", "/login", { "content-type": "application/json" }, body);
    if (typeof answer === "string") return { outcome: answer };
    const token = fieldOf(answer.body, "token");
    const outcome = outcomeOfAnswer(answer, ({ status, body: given }) =>
      isRight
        ? status === 200 && token !== undefined && fieldOf(given, "userId") === userIds[user]
        : status === 401 && token === undefined,
    );
    return outcome === "ok" && token !== undefined ? { outcome, token } : { outcome };
  }

  private async session(user: number, exists: boolean): Promise<Reply> {
    const { tokens, userIds } = this.credentials;
    const token = tokens[user] ?? "";
    // Nobody was ever given this one, and it looks like any other.
    const sent = exists ? token : [...token].reverse().join("");
    const answer = await this.exchange("GET", "/session", { authorization: `Bearer ${sent}` });
    if (typeof answer === "string") return { outcome: answer };
    return {
      outcome: outcomeOfAnswer(answer, ({ status, body }) =>
        exists ? status === 200 && fieldOf(body, "userId") === userIds[user] : status === 401,
      ),
    };
  }

  private exchange(
    method: string,
    path: string,
    headers: { readonly [name: string]: string },
    body?: string,
  ): Promise<Answer | "abandoned" | "unreachable"> {
    return new Promise((resolve) => {
      const sent = request({
        host: "127.0.0.1",
        port: this.port,
        method,
        path,
        agent: this.agent,
        headers: body === undefined ? headers : { ...headers, "content-length": Buffer.byteLength(body) },
      });
      const deadline = setTimeout(() => {
        resolve("abandoned");
        sent.destroy();
      }, this.deadlineMs);
      const settle = (value: Answer | "unreachable"): void => {
        clearTimeout(deadline);
        resolve(value);
      };
      sent.once("error", () => settle("unreachable"));
      sent.once("response", (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
        });
        response.once("end", () => settle({ status: response.statusCode ?? 0, body: parsed(text) }));
        response.once("error", () => settle("unreachable"));
        response.once("aborted", () => settle("unreachable"));
      });
      sent.end(body);
    });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
