import { join } from "node:path";
import { expect, test } from "vitest";
import { exitFor, readReport } from "../../engine/lib/verdict.mjs";
import { temporaryDirectory, writeFiles } from "./temporary.js";

function report(content: string) {
  const directory = temporaryDirectory();
  writeFiles(directory, { "report.json": content });
  return readReport(join(directory, "report.json"));
}

const accepted = '{"verdict":"accepted"}';
const rejected = '{"verdict":"rejected"}';

test.each([
  ["a rejection is 1, though Pulumi says 255", rejected, 255, 1],
  ["a rejection is 1 even if Pulumi should succeed", rejected, 0, 1],
  ["an acceptance is 0 when Pulumi succeeds", accepted, 0, 0],
  ["an accepted stack whose deployment fails is 2", accepted, 255, 2],
  ["no report is 2, though Pulumi succeeds", "", 0, 2],
  ["a report cut short is 2", '{"verdict":"acc', 0, 2],
  ["a report with another verdict is 2", '{"verdict":"maybe"}', 0, 2],
])("%s", (_, content, pulumiCode, expected) => {
  const { code, reason } = exitFor(report(content), pulumiCode);
  expect(code).toBe(expected);
  expect(reason === undefined).toBe(expected !== 2);
});

test("a report that was never written is no report", () => {
  expect(readReport(join(temporaryDirectory(), "none.json"))).toBeUndefined();
});
