import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { keepIssue, markOf, reportOf } from "../../tools/ci/findingIssue.mjs";
import { fitted, MOST_CHARACTERS, repositoryApi } from "../../tools/ci/github.mjs";
import { keepComment, MARK } from "../../tools/ci/stickyComment.mjs";
import { folder } from "./reports.js";

interface Item {
  number?: number;
  id: number;
  body: string;
  state?: string;
  user: { login: string };
  pull_request?: object;
}

const bot = { login: "github-actions[bot]" };

async function bodyOf(request: IncomingMessage): Promise<{ readonly [field: string]: string }> {
  let text = "";
  for await (const part of request) text += String(part);
  return text === "" ? {} : (JSON.parse(text) as { readonly [field: string]: string });
}

/** As much of GitHub's API as the tools use, on this machine. */
async function github(items: Item[], { status = 200 } = {}) {
  const calls: string[] = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "", "http://localhost");
    const path = url.pathname.replace("/repos/us/auth/", "");
    calls.push(`${request.method} ${path}`);
    const sent = await bodyOf(request);
    const answer = (content: unknown) => response.writeHead(status).end(JSON.stringify(content));
    if (request.headers.authorization !== "Bearer t" || status !== 200)
      return answer({ message: "Forbidden" });
    if (request.method === "GET") {
      const page = Number(url.searchParams.get("page"));
      return answer(items.filter(({ state }) => state !== "closed").slice((page - 1) * 100, page * 100));
    }
    if (request.method === "PATCH") {
      const id = Number(path.split("/").pop());
      return answer(Object.assign(items.find((each) => each.id === id) ?? {}, sent));
    }
    if (path.endsWith("/comments") && path !== "issues/7/comments") return answer({});
    const made = { id: 900, number: 900, body: sent.body ?? "", user: bot };
    items.push(made);
    return answer(made);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const env = { GITHUB_API_URL: `http://127.0.0.1:${port}`, GITHUB_REPOSITORY: "us/auth", GITHUB_TOKEN: "t" };
  return { calls, items, call: repositoryApi(env) };
}

const others = (n: number): Item[] =>
  Array.from({ length: n }, (_, id) => ({ id, number: id, body: "hello", user: { login: "someone" } }));

describe("the one comment on a pull request", () => {
  it("is made first and updated afterwards, however many comments stand before it", async () => {
    const { call, items } = await github(others(150));
    expect(await keepComment(call, 7, "first")).toBe("made");
    expect(await keepComment(call, 7, "second")).toBe("updated");
    expect(items.filter(({ body }) => body.startsWith(MARK)).map(({ body }) => body)).toEqual([
      `${MARK}\nsecond`,
    ]);
  });

  it("is never someone else's, whatever mark theirs carries", async () => {
    const { call, items } = await github([{ id: 1, body: `${MARK}\nmine`, user: { login: "someone" } }]);
    expect(await keepComment(call, 7, "ours")).toBe("made");
    expect(items[0]?.body).toBe(`${MARK}\nmine`);
  });

  it("stays under GitHub's limit and says that it was cut", async () => {
    const { call, items } = await github([]);
    await keepComment(call, 7, `${"a line of text\n".repeat(10_000)}`);
    expect(items[0]?.body.length).toBeLessThanOrEqual(MOST_CHARACTERS);
    expect(items[0]?.body).toContain("_Cut here: the whole is in the summary of the run._");
  });

  it("says in one line what the token may not", async () => {
    const { call } = await github([], { status: 403 });
    await expect(keepComment(call, 7, "text")).rejects.toThrow(
      /GitHub answers 403 Forbidden: the job's token may not, see `permissions`/,
    );
  });
});

describe("a text that is too long", () => {
  it("closes what it had open, so that the note is not swallowed", () => {
    const text = `<details><summary>x</summary>\n\n\`\`\`\`\n${"output\n".repeat(100)}`;
    const cut = fitted(text, "the run", 300);
    expect(cut.length).toBeLessThanOrEqual(300);
    expect(cut).toMatch(/\n````\n\n<\/details>\n\n_Cut here/);
  });

  it("is left alone where it fits", () => {
    expect(fitted("short", "the run")).toBe("short");
  });
});

const found = { topic: "review", title: "Review", code: 1, report: "one finding", run: "https://run/1" };

describe("the one issue of a scheduled run", () => {
  it("is opened by the first finding, updated by the next, and closed when nothing is found any more", async () => {
    const { call, items, calls } = await github(others(3));
    expect(await keepIssue(call, found)).toBe("#900 is opened");
    expect(await keepIssue(call, { ...found, report: "two findings" })).toBe("#900 is updated");
    const ours = () => items.filter(({ body }) => body.startsWith(markOf("review")));
    expect(ours()).toHaveLength(1);
    expect(ours()[0]?.body).toContain("two findings");
    expect(await keepIssue(call, { ...found, code: 0 })).toMatch(/^#900 is closed/);
    expect(ours()[0]?.state).toBe("closed");
    expect(calls).toContain("POST issues/900/comments");
    expect(await keepIssue(call, { ...found, code: 0 })).toBe("nothing was found and nothing is open");
  });

  it("takes a run that could not judge for a finding", async () => {
    const { call, items } = await github([]);
    await keepIssue(call, { ...found, code: 2 });
    expect(items[0]?.body).toContain("ended without a verdict");
  });

  it("is another one for another topic, and never a pull request", async () => {
    const body = `${markOf("drift")}\nx`;
    const { call } = await github([
      { id: 1, number: 1, body, user: bot },
      { id: 2, number: 2, body: `${markOf("review")}\nx`, user: bot, pull_request: {} },
    ]);
    expect(await keepIssue(call, found)).toBe("#900 is opened");
  });

  it("shows output as it is, between fences that it cannot close, and its end", () => {
    const files = folder({ "drift.txt": `${"x".repeat(40_000)}\n\`\`\`\nthe end`, "review.md": "# Review" });
    const shown = reportOf(join(files, "drift.txt"));
    expect(shown).toMatch(/^````\n…x+\n```\nthe end\n````$/);
    expect(shown.length).toBeLessThan(31_000);
    expect(reportOf(join(files, "review.md"))).toBe("# Review");
    expect(reportOf(join(files, "gone.md"))).toBe("It left no report.");
  });
});
