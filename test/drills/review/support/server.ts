import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

export interface TestServer {
  readonly url: string;
  stop(): void;
}

/** An HTTP server on a free port of the loopback, told each request with its body. */
export async function testServer(
  answer: (request: IncomingMessage, body: string, response: ServerResponse) => void | Promise<void>,
): Promise<TestServer> {
  const server: Server = createServer((request, response) => {
    void bodyOf(request).then((body) => answer(request, body, response));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** A port of the loopback that is free now. */
export async function freePort(): Promise<number> {
  const { url, stop } = await testServer(() => {});
  stop();
  return Number(new URL(url).port);
}
