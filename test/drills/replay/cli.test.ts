import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { main, parseCommandLine } from "../../../drills/replay/cli";
import { defaultScenarios } from "../../../drills/replay/load";
import { isFaultySet, shippedScenarios } from "../../../drills/replay/scenario";
import type { Trace } from "../../../drills/replay/trace";
import { shipped } from "./samples";

const root = resolve(__dirname, "../../..");
const folder = mkdtempSync(join(tmpdir(), "replay-"));
const file = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

/** The command in this process: its exit code and what it printed. */
function run(...argv: readonly string[]) {
  const [stdout, stderr]: [string[], string[]] = [[], []];
  const out = vi.spyOn(process.stdout, "write").mockImplementation((text) => stdout.push(String(text)) > 0);
  const err = vi.spyOn(process.stderr, "write").mockImplementation((text) => stderr.push(String(text)) > 0);
  try {
    const code = main(argv);
    return { code, stdout: stdout.join(""), stderr: stderr.join("") };
  } finally {
    out.mockRestore();
    err.mockRestore();
  }
}

/** The scenarios of the JSON report. */
const reported = (...argv: readonly string[]) =>
  JSON.parse(run(...argv, "--format", "json").stdout).scenarios;

const SHORT = `
about: A quiet quarter of an hour.
stack: prod
generate:
  startsAt: "2024-09-02T02:00:00Z"
  minutes: 15
  seed: short
  rhythm: { low: 0.3, high: 0.5, peakHour: 13 }
expect:
  pages: []
`;

const CPU = {
  AlarmName: "cpu",
  AlarmActions: ["arn:aws:sns:eu-west-1:123456789012:oncall"],
  Namespace: "AWS/RDS",
  MetricName: "CPUUtilization",
  Dimensions: [{ Name: "DBInstanceIdentifier", Value: "db" }],
  Statistic: "Average",
  Period: 60,
  EvaluationPeriods: 5,
  Threshold: 90,
  ComparisonOperator: "GreaterThanThreshold",
};
/** An alarm that has none of this project's names. */
const ERRORS = {
  ...CPU,
  AlarmName: "too-many-errors",
  Namespace: "AWS/ApplicationELB",
  MetricName: "HTTPCode_Target_5XX_Count",
  Dimensions: [{ Name: "LoadBalancer", Value: "app/web/1" }],
  Statistic: "Sum",
  EvaluationPeriods: 2,
  Threshold: 500,
  TreatMissingData: "notBreaching",
};
const BAND = { ...CPU, AlarmName: "cpu-band", Threshold: undefined, ThresholdMetricId: "ad1" };

/** Twelve minutes out of the outage, with what a lab can measure, as the stress lab writes them. */
function labTrace(): Trace {
  const measured = /^Auth\/(ConnectionPool|Service)|^AWS\/(ApplicationELB|RDS (DatabaseConn|DBLoad|CPU))/;
  const series = shipped("outage-2024-09-02").flatMap(({ trace }) =>
    trace.series
      .filter(({ namespace, metric }) => measured.test(`${namespace} ${metric}`))
      .map((one) => ({ ...one, values: one.values.slice(80, 92) })),
  );
  return { startsAt: "2026-01-01T00:00:00Z", periodSeconds: 60, note: "of the outage", series };
}

beforeAll(() => {
  const write = (name: string, data: unknown) => writeFileSync(file(name), JSON.stringify(data));
  writeFileSync(file("short.yaml"), SHORT);
  writeFileSync(file("late.yaml"), SHORT.replace("pages: []", "fault: '02:05'\n  cause: pool-starved"));
  write("lab.json", labTrace());
  write("errors.json", { MetricAlarms: [ERRORS] });
  write("elsewhere.json", { MetricAlarms: [{ ...CPU, Namespace: "AWS/Lambda" }] });
  write("mixed.json", {
    MetricAlarms: [CPU, BAND],
    CompositeAlarms: [{ AlarmName: "on-band", AlarmRule: 'ALARM("cpu-band")' }],
  });
});

describe("npm run replay", () => {
  it("says first of all who was paged and by which cause, and only then what happened minute by minute", () => {
    const page = file("first.html");
    const { code, stdout, stderr } = run("outage-2024-09-02", "--html", page);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.split("\n");
    const order = [
      /^ {2}02:\d\d PAGE {3}pool-starved: ./,
      /pulumi config set auth:poolMax 11/,
      /^ {2}02:\d\d PAGE {3}login-failures: ./,
      /^ {2}named pool-starved \d/,
      /^ {2}01:04 ALARM {2}pool-saturated/,
      /^ {2}02:15 first failed request/,
      /^ {2}02:\d\d PAGE {3}pool-starved$/,
      /^ {2}03:\d\d OVER {3}pool-starved$/,
      /1 of 1 passed/,
    ].map((pattern) => lines.findIndex((line) => pattern.test(line)));
    expect(order).not.toContain(-1);
    expect(order).toEqual(order.toSorted((one, other) => one - other));
    // The message once, before anything is drawn.
    const message = /pool-starved: ([^\n]+)/.exec(stdout)?.[1] ?? "no message";
    expect(stdout.split(message)).toHaveLength(2);
    const section = readFileSync(page, "utf8").split("<section")[1] ?? "";
    expect(section.indexOf(message)).toBeGreaterThan(0);
    expect(section.indexOf(message)).toBeLessThan(section.indexOf("<svg"));
  });

  it("draws a page that needs nothing else", () => {
    const path = file("page.html");
    run("outage-2024-09-02", "--html", path);
    const page = readFileSync(path, "utf8");
    expect(page).toMatch(/<svg[^>]*>.*<title>pool-timeouts/s);
    expect(page).toMatch(/<rect class="ALARM"/);
    expect(page).toContain("% of the pool in use: 100 * used / limit");
    expect(page).toContain("s (p99): p99 of db.client.connection.wait_time");
    expect(page).toMatch(/prefers-color-scheme: dark/);
    expect(page).not.toMatch(/<script|<link|src=|url\(|https?:\/\//);
    expect(page).not.toMatch(/NaN|undefined/);
  });

  it("shows a message once, however often it pages", () => {
    const { stdout } = run("defect-gauge-summed");
    const [, message = ""] = /PAGE {3}db-connections-high: (.*) \(\d+ times\)\n/.exec(stdout) ?? [];
    expect(message).not.toBe("");
    expect(stdout.split(message)).toHaveLength(2);
  });

  it("writes JSON with what each scenario comes to", () => {
    const [scenario, ...more] = reported("outage-2024-09-02");
    expect(more).toEqual([]);
    expect(scenario).toMatchObject({
      name: "outage-2024-09-02",
      passed: true,
      cause: "pool-starved",
      wrongCauses: [],
      firstFailure: "2024-09-02T02:15:00.000Z",
    });
    expect(scenario.minutesToDetect).toBeLessThanOrEqual(5);
    expect(scenario.pages[0]).toBe("pool-starved");
  });

  it("writes JUnit, into a file, and a bar that is missed is 1", () => {
    const path = file("report.xml");
    const argv = [file("late.yaml"), file("short.yaml"), "--format", "junit", "--output", path];
    expect(run(...argv)).toEqual({ code: 1, stdout: "", stderr: "" });
    const xml = readFileSync(path, "utf8");
    expect(xml).toMatch(
      /<testsuites name="replay" tests="2" failures="1" errors="0" skipped="0" time="\d+\.\d+">/,
    );
    expect(xml).toMatch(
      /<testcase name="late" classname="replay.scenarios" time="[\d.]+">\s*<failure message="pool-starved/,
    );
    expect(xml).toMatch(/<testcase name="short" classname="replay.scenarios" time="[\d.]+"\/>/);
  });

  it("takes the lab's trace, names pool-starved from it, and no other", () => {
    for (const argv of [[file("lab.json")], ["--trace", file("lab.json")]]) {
      const [scenario] = reported(...argv, "--stack", "incident-2024-09-02");
      expect(scenario).toMatchObject({ name: "lab", cause: "pool-starved", wrongCauses: [], passed: null });
      expect(scenario.pages).toEqual(["pool-starved"]);
      expect(scenario.blind).toContain("running-tasks");
    }
  });

  it("calls a trace without expectations neither passed nor failed", () => {
    const { code, stdout } = run("--trace", file("lab.json"), "--stack", "incident-2024-09-02");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^· lab/);
    expect(stdout).not.toMatch(/\d passed/);
    const xml = run("--trace", file("lab.json"), "--stack", "prod", "--format", "junit").stdout;
    expect(xml).toMatch(/tests="1" failures="0" errors="0" skipped="1"/);
    expect(reported("--trace", file("lab.json"), "--alarms", file("errors.json"))).toMatchObject([
      {
        alarms: { file: file("errors.json") },
        judgedBy: "nothing",
        passed: null,
        pages: ["too-many-errors"],
      },
    ]);
  });

  it("takes the delay of ingestion", () => {
    const minutes = (delay: string) =>
      reported("outage-2024-09-02", "--ingestion-delay", delay)[0].minutesToCause;
    expect(minutes("3m")).toBe(minutes("60s") + 2);
  });

  it("lists the shipped scenarios", () => {
    const { code, stdout } = run("--list");
    expect(code).toBe(0);
    for (const name of shippedScenarios()) expect(stdout).toContain(`${name}  (`);
  });

  it("checks another set of alarms by whom it pages and when, and names its file", () => {
    const silent = join(root, "drills/replay/scenarios/alarm-sets/database-only.json");
    expect(run("outage-2024-09-02", "--alarms", silent).code).toBe(1);
    expect(reported("outage-2024-09-02", "--alarms", silent)).toMatchObject([
      { alarms: { file: silent }, judgedBy: "anySet", passed: false, pages: [], wentOff: [], cause: null },
    ]);
    const found = reported("outage-2024-09-02", file("short.yaml"), "--alarms", file("errors.json"));
    expect(found).toMatchObject([
      { passed: true, wentOff: [{ alarm: "too-many-errors" }], cause: null },
      { passed: true, wentOff: [], unjudged: [] },
    ]);
    expect(found[0].minutesToDetect).toBeLessThanOrEqual(5);
  });

  it("does not replay another set of alarms where a scenario is about a faulty one", () => {
    expect(defaultScenarios({ alarms: undefined })).toEqual(shippedScenarios());
    const others = shippedScenarios().filter((name) => !isFaultySet(name));
    expect(defaultScenarios({ alarms: file("errors.json") })).toEqual(others);
    const [faulty] = shipped("defect-gauge-summed");
    expect(faulty?.alarmsOf).toEqual({ file: "alarm-sets/gauge-summed.json" });
  });

  it("leaves out alarms that it cannot replay, says which and why, and replays the others", () => {
    const argv = [file("short.yaml"), "--alarms", file("mixed.json")];
    expect(reported(...argv)).toMatchObject([
      { passed: true, unjudged: [{ alarm: "cpu-band" }, { alarm: "on-band" }] },
    ]);
    const page = file("mixed.html");
    const { stdout } = run(...argv, "--html", page);
    const junit = run(...argv, "--format", "junit").stdout;
    expect(junit).toMatch(/tests="3" failures="0" errors="0" skipped="2"/);
    for (const text of [stdout, readFileSync(page, "utf8"), junit]) {
      expect(text).toMatch(/cpu-band.*anomaly band.*fixed Threshold.*on-band.*cpu-band/s);
    }
  });

  it.each([
    [["outage-2024-09-2"], /outage-2024-09-2: did you mean outage-2024-09-02\?/],
    [["nothing-like-it"], /`npm run replay -- --list`/],
    [["--stack", "prd"], /no stack prd: did you mean prod\?/],
    [["--stack", "../../etc"], /no stack/],
    [["--formt", "json"], /--formt.*did you mean --format\?/i],
    [["--format", "xml"], /--format.*'xml'.* text, json, junit/],
    [["--ingestion-delay", "soon"], /--ingestion-delay.*'soon'/],
    [["--trace", "--stack", "prod"], /--trace.*--stack/],
    [["--output", ""], /--output.*file name/],
    [["--trace", ""], /--trace.*file name/],
    [["--stack", "prod", "--alarms", "a.json"], /--stack.*--alarms/],
    [
      ["--stack", "prod", "--trace", "/nowhere/t.json"],
      /\/nowhere\/t.json cannot be read: it does not exist/,
    ],
    [["--alarms", "/nowhere/a.json"], /\/nowhere\/a.json cannot be read/],
    [
      [file("lab.json")],
      /lab\.json is a trace, .*--stack STACK \(.*incident-2024-09-02.*\) or --alarms FILE/,
    ],
    [["--trace", file("lab.json")], /lab\.json is a trace/],
    [[file("short.yaml"), "--alarms", file("elsewhere.json")], /cpu: it watches AWS\/Lambda/],
  ])("%o is 2 with one line", (argv, message) => {
    const { code, stdout, stderr } = run(...argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
  });

  it.each([
    ["no.yaml", "about: [", /neither YAML nor JSON/],
    ["typo.yaml", SHORT.replace("seed", "sed"), /is not a scenario: `generate.seed`|`generate`/],
    ["time.yaml", SHORT.replace("pages: []", "states: [{ at: 2, alarms: {} }]"), /`expect.states.0.at`/],
    ["both.yaml", SHORT.replace("stack: prod", "stack: prod\ntrace: t.json"), /either `generate` or `trace`/],
    ["stack.yaml", SHORT.replace("prod", "prd"), /did you mean prod/],
    ["setting.yaml", SHORT.replace(": prod", ": prod\nsettings: { poolMx: 3 }"), /did you mean poolMax/],
    [
      "event.yaml",
      SHORT.replace("expect:", "  events: [{ title: late, at: '09:00' }]\nexpect:"),
      /outside the trace/,
    ],
    ["empty.json", "{}", /is not a scenario/],
    ["series.json", '{"series": []}', /is not a trace/],
  ])("%s is 2, naming the file", (name, text, message) => {
    writeFileSync(file(name), text);
    const { code, stdout, stderr } = run(file(name));
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it("does not write a report when the page cannot be written", () => {
    const report = file("half.json");
    const { code, stderr } = run(file("short.yaml"), "--html", "/nowhere/page.html", "--output", report);
    expect(code).toBe(2);
    expect(stderr).toMatch(/--html: there is no folder \/nowhere/);
    expect(() => readFileSync(report)).toThrow();
  });

  it("starts as a program", () => {
    const argv = ["--import", "tsx", "drills/replay/cli.ts", "--help"];
    const { status, stdout } = spawnSync(process.execPath, argv, { cwd: root, encoding: "utf8" });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Usage: npm run replay -- /);
  });

  it("reads its command line", () => {
    expect(parseCommandLine(["a", "b", "--ingestion-delay", "2m", "-s", "prod"])).toEqual({
      format: "text",
      scenarios: ["a", "b"],
      traces: [],
      ingestionDelaySeconds: 120,
      stack: "prod",
    });
  });
});
