import type { Server as HttpServer } from "node:http";
import { Server as NetServer } from "node:net";

export interface DrainLimits {
  /** For so long idle connections stay open, so that a request already on its way still finds one. */
  readonly lastRequestsMs: number;
  /** After this time whatever is left is cut off. */
  readonly limitMs: number;
}

const LOOK_MS = 50;

/**
 * Ends an HTTP server without losing a request: it stops accepting at once, answers what is under way and what still
 * comes in over open connections (each answer closes its connection), then closes those that stay idle.
 *
 * Node's own `close` cuts idle connections off at once, also those on which a request is just arriving.
 * @returns whether everything was answered
 */
export function drain(server: HttpServer, { lastRequestsMs, limitMs }: DrainLimits): Promise<boolean> {
  return new Promise((resolve) => {
    const timers: NodeJS.Timeout[] = [];
    const finish = (complete: boolean) => {
      for (const timer of timers) clearInterval(timer);
      resolve(complete);
    };
    // The part of `close` that stops listening, without the part that cuts off idle connections.
    NetServer.prototype.close.call(server, () => finish(true));
    const closeIdle = () => server.closeIdleConnections();
    timers.push(
      setTimeout(() => timers.push(setInterval(closeIdle, LOOK_MS)), lastRequestsMs),
      setTimeout(() => {
        server.closeAllConnections();
        finish(false);
      }, limitMs),
    );
  });
}
