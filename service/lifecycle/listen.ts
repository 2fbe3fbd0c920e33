import type { Server } from "node:http";
import { EnvironmentError } from "../settings/environment";

/**
 * Listens on every IPv4 address of the task.
 * @param port - 0 for a free one.
 * @returns the port
 * @throws {EnvironmentError} when the port cannot be had
 */
export function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why =
        error.code === "EADDRINUSE" ? "another process uses the port" : (error.code ?? error.message);
      reject(
        new EnvironmentError([
          `PORT is ${port}, but the service cannot listen on it (${why}). Set it to a free port, or to 0 for any.`,
        ]),
      );
    });
    server.listen(port, "0.0.0.0", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}
