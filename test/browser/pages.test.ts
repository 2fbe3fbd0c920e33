import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { drawSafeWindow } from "../../docs/pictures/safeWindow";
import { main as replay } from "../../drills/replay/cli";
import { proposalOf } from "../../drills/review/propose";
import { render as renderReview, reviewOf } from "../../drills/review/report";
import { toHtml as stressPage } from "../../drills/stress/report/html";
import { explanationOf } from "../../policies/explain/explanation";
import { explanationToSvg } from "../../policies/explain/toSvg";
import { DEFAULT_SETTINGS } from "../../policies/plan/settings";
import { busyMinute, judged, liveState, ROOT } from "../drills/review/support/sample";
import { reportForTests } from "../drills/stress/support";
import { environment, samplePlan } from "../policies/samplePlan";

/** The browser of this machine, if it has one. */
const chromium = ["chromium", "chromium-browser", "google-chrome"].find(
  (name) => spawnSync(name, ["--version"]).status === 0,
);

/**
 * A headless browser, driven by the DevTools protocol through a pair of pipes (`--remote-debugging-pipe`): messages are JSON
 * that ends in a NUL.
 */
class Browser {
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

/** A picture as a page shows it: as wide as it is, and no wider than the screen. */
const shown = (svg: string): string =>
  `<!doctype html><meta name="viewport" content="width=device-width"><style>body { margin: 0; background: #fff } @media (prefers-color-scheme: dark) { body { background: #0d1117 } } svg { display: block; max-width: 100%; height: auto }</style>${svg}`;

const facts = [["date", "2026-01-01 12:00 UTC"]] as const;

function replayPage(): string {
  const folder = mkdtempSync(join(tmpdir(), "page-"));
  const file = join(folder, "page.html");
  const code = replay(["outage-2024-09-02", "--html", file, "--output", join(folder, "report.txt")]);
  const page = readFileSync(file, "utf8");
  rmSync(folder, { recursive: true });
  if (code !== 0) throw new Error("the outage is not replayed as expected");
  return page;
}

function grownReview() {
  const judgement = judged(liveState(busyMinute(500)));
  const files = { root: ROOT, stackFile: `${ROOT}/stacks/Pulumi.prod.yaml`, policyConfig: undefined };
  return reviewOf(judgement, proposalOf(judgement.evidence, files));
}

const PAGES: { readonly [name: string]: () => string } = {
  "of replay": replayPage,
  "of stress": () => stressPage(reportForTests(), facts),
  "of review": () => renderReview(grownReview(), "html", { color: false, width: 100 }),
  "of explain --svg, pool too small": () =>
    shown(
      explanationToSvg(
        explanationOf(samplePlan({ environment: environment({ DB_POOL_MAX: "3" }) }), DEFAULT_SETTINGS),
      ),
    ),
  "of explain --svg, pool above its ceiling": () =>
    shown(
      explanationToSvg(
        explanationOf(samplePlan({ environment: environment({ DB_POOL_MAX: "60" }) }), DEFAULT_SETTINGS),
      ),
    ),
  "in the README": () => shown(drawSafeWindow()),
};

/** What a reader would stumble over; run in the browser. */
const STUMBLES = `(() => {
  const found = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) found.push("wider than the screen: " + root.scrollWidth);
  const colour = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((each) => each / 255).map((each) => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const rgb = colour(getComputedStyle(each).backgroundColor);
      if (rgb.length < 4 || rgb[3] > 0) return rgb.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const texts = [...document.body.querySelectorAll("*")].filter((each) =>
    !["STYLE", "TITLE", "title", "desc", "style"].includes(each.tagName) &&
    [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== "") &&
    each.getClientRects().length > 0);
  for (const each of texts) {
    const style = getComputedStyle(each);
    const isDrawn = each instanceof SVGElement;
    const size = parseFloat(style.fontSize) * (isDrawn ? each.getScreenCTM().a : 1);
    const name = each.textContent.trim().slice(0, 40);
    const box = each.getBoundingClientRect();
    if (!isDrawn && box.width < 3 * size && box.height > 6 * size) found.push("squeezed into a column: " + name);
    if (size < 9) found.push("text of " + size.toFixed(1) + " px: " + name);
    if (isDrawn && (box.right > root.clientWidth + 1 || box.left < -1)) found.push("cut off: " + name);
    if (isDrawn) continue;
    const [light, dark] = [luminance(colour(style.color).slice(0, 3)), luminance(ground(each))].sort((a, b) => b - a);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < 4.5) found.push("contrast of " + contrast.toFixed(1) + ": " + name);
  }
  for (const axis of document.querySelectorAll(".axis-x, .axis-y")) {
    const boxes = [...axis.children].map((each) => ({ name: each.textContent, box: each.getBoundingClientRect() }));
    for (const [index, one] of boxes.entries()) for (const other of boxes.slice(index + 1)) {
      const apart = one.box.right <= other.box.left || other.box.right <= one.box.left || one.box.bottom <= other.box.top + 1 || other.box.bottom <= one.box.top + 1;
      if (!apart) found.push("ticks " + one.name + " and " + other.name + " overlap");
    }
  }
  return { texts: texts.length, found };
})()`;

describe.skipIf(chromium === undefined)(
  chromium === undefined
    ? "a page in a browser (skipped: no chromium on PATH; Debian: apt-get install chromium)"
    : "a page in a browser",
  { timeout: 120_000 },
  () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = new Browser(chromium ?? "");
      await browser.open();
    });
    afterAll(() => browser?.close());

    it.each(
      Object.keys(PAGES),
    )("%s can be read on a phone and on a desktop, in light and in dark", async (name) => {
      const html = PAGES[name]?.() ?? "";
      for (const scheme of ["light", "dark"] as const) {
        for (const width of [390, 1280]) {
          const seen = await browser.look(html, width, scheme, STUMBLES);
          expect(seen, `${scheme}, ${width} px`).toEqual({ texts: expect.any(Number), found: [] });
          expect((seen as { readonly texts: number }).texts).toBeGreaterThan(5);
        }
      }
    });

    it("is caught when it is too wide, too small, too pale or squeezed", async () => {
      const bad = `<body style="background:#fff"><p style="font-size:8px;color:#aaa;width:500px">small and pale</p><p style="width:1ch;overflow-wrap:anywhere">squeezed</p></body>`;
      const { found } = (await browser.look(bad, 390, "light", STUMBLES)) as {
        readonly found: readonly string[];
      };
      expect(found.join("\n")).toMatch(
        /wider than the screen[\s\S]*text of 8\.0 px[\s\S]*contrast of 2\.3[\s\S]*squeezed into a column/,
      );
    });
  },
);
