import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

/** The browser of this machine, if it has one. */
export const chromium = ["chromium", "chromium-browser", "google-chrome"].find(
  (name) => spawnSync(name, ["--version"]).status === 0,
);

/**
 * A headless browser, driven by the DevTools protocol through a pair of pipes (`--remote-debugging-pipe`): messages are JSON
 * that ends in a NUL.
 */
export class Browser {
  readonly #folder = mkdtempSync(join(tmpdir(), "browser-"));
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (message: Message) => void>();
  #sent = 0;
  #session: string | undefined;

  constructor(executable: string) {
    const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe"];
    this.#process = spawn(executable, [...flags, `--user-data-dir=${this.#folder}`, "about:blank"], {
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
    });
    let text = "";
    (this.#process.stdio[4] as Readable).setEncoding("utf8").on("data", (part: string) => {
      const messages = (text + part).split("\0");
      text = messages.pop() ?? "";
      for (const message of messages.map((each): Message => JSON.parse(each))) {
        if (message.id !== undefined) this.#waiting.get(message.id)?.(message);
      }
    });
  }

  /** Opens an empty page of its own. */
  async open(): Promise<void> {
    const { targetId } = await this.#send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.#send("Target.attachToTarget", { targetId, flatten: true });
    this.#session = String(sessionId);
  }

  /** Shows a document on a screen of this width, in light or in dark, and returns what an expression says of it. */
  async look(html: string, width: number, scheme: "light" | "dark", expression: string): Promise<unknown> {
    const metrics = { width, height: 800, deviceScaleFactor: 1, mobile: width < 500 };
    await this.#send("Emulation.setDeviceMetricsOverride", metrics);
    const features = [{ name: "prefers-color-scheme", value: scheme }];
    await this.#send("Emulation.setEmulatedMedia", { features });
    const { frameTree } = await this.#send("Page.getFrameTree", {});
    const frameId = (frameTree as { readonly frame: { readonly id: string } }).frame.id;
    await this.#send("Page.setDocumentContent", { frameId, html });
    const { result } = await this.#send("Runtime.evaluate", { expression, returnByValue: true });
    return (result as { readonly value: unknown }).value;
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("close", resolve));
    this.#process.kill();
    await ended;
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  #send(method: string, params: object): Promise<{ readonly [field: string]: unknown }> {
    const id = ++this.#sent;
    const session = this.#session === undefined ? {} : { sessionId: this.#session };
    (this.#process.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) => {
        this.#waiting.delete(id);
        if (result !== undefined) resolve(result);
        else reject(new Error(`${method}: ${error?.message}`));
      });
    });
  }
}

interface Message {
  readonly id?: number;
  readonly result?: { readonly [field: string]: unknown };
  readonly error?: { readonly message: string };
}
