import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { main } from "../../../drills/replay/cli";
import { parseCommandLine } from "../../../drills/replay/commandLine";
import { shippedScenarios } from "../../../drills/replay/files";
import { readScenarios, usualScenarios } from "../../../drills/replay/readScenarios";
import type { Trace } from "../../../drills/replay/trace";

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
/** An alarm of somebody who never heard of this project's names. */
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
/** As CloudWatch prints an alarm on an anomaly band. */
const BAND = {
  AlarmName: "cpu-band",
  AlarmActions: CPU.AlarmActions,
  EvaluationPeriods: 3,
  ComparisonOperator: "GreaterThanUpperThreshold",
  ThresholdMetricId: "ad1",
  Metrics: [
    {
      Id: "m1",
      ReturnData: true,
      MetricStat: {
        Metric: { Namespace: CPU.Namespace, MetricName: CPU.MetricName, Dimensions: CPU.Dimensions },
        Period: 60,
        Stat: "Average",
      },
    },
    { Id: "ad1", Expression: "ANOMALY_DETECTION_BAND(m1, 2)", ReturnData: true },
  ],
};

/** Twelve minutes out of the outage, with what a lab can measure, as the stress lab writes it. */
function labTrace(): Trace {
  const [outage] = [
    ...readScenarios({
      scenarios: ["outage-2024-09-02"],
      traces: [],
      stack: undefined,
      alarms: undefined,
      ingestionDelaySeconds: 60,
    }),
  ];
  if (outage === undefined) throw new Error("no outage");
  const measured =
    /^Auth\/(ConnectionPool|Service)|^AWS\/ApplicationELB|DatabaseConnections|DBLoad|CPUUtilization/;
  return {
    startsAt: "2026-01-01T00:00:00Z",
    periodSeconds: 60,
    note: "twelve minutes of the outage",
    series: outage.trace.series
      .filter(({ namespace, metric }) => measured.test(namespace) || measured.test(metric))
      .filter(({ namespace }) => namespace !== "AWS/ECS")
      .map((series) => ({ ...series, values: series.values.slice(80, 92) })),
  };
}

beforeAll(() => {
  writeFileSync(file("short.yaml"), SHORT);
  writeFileSync(file("late.yaml"), SHORT.replace("pages: []", "fault: '02:05'\n  cause: pool-starved"));
  writeFileSync(file("lab.json"), JSON.stringify(labTrace()));
  writeFileSync(
    file("mixed.json"),
    JSON.stringify({
      MetricAlarms: [CPU, BAND],
      CompositeAlarms: [{ AlarmName: "on-band", AlarmRule: 'ALARM("cpu-band")' }],
    }),
  );
  writeFileSync(file("errors.json"), JSON.stringify({ MetricAlarms: [ERRORS] }));
  writeFileSync(
    file("elsewhere.json"),
    JSON.stringify({ MetricAlarms: [{ ...CPU, AlarmName: "errors", Namespace: "AWS/Lambda" }] }),
  );
});

describe("npm run replay", () => {
  it("replays the outage and says who was woken with which words, and when", () => {
    const { code, stdout, stderr } = run("outage-2024-09-02");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/02:15 first failed request/);
    expect(stdout).toMatch(/02:\d\d ALARM {2}pool-timeouts/);
    expect(stdout).toMatch(/02:(1[6-9]|20) PAGE {3}pool-starved: The connection pool is too small/);
    expect(stdout).toMatch(/auth:poolMax is 3, its safe window 11–19/);
    expect(stdout).toMatch(/named pool-starved \d(\.\d)? minutes? after the first failure/);
    expect(stdout).toMatch(/1 of 1 passed/);
  });

  it("says first of all who was woken and by which cause, and only then what happened minute by minute", () => {
    const lines = run("outage-2024-09-02").stdout.split("\n");
    expect(lines[1]).toMatch(/^ {2}02:\d\d PAGE {3}pool-starved: The connection pool is too small/);
    const at = (pattern: RegExp) => lines.findIndex((line) => pattern.test(line));
    const order = [
      /pulumi config set auth:poolMax 11/,
      /PAGE {3}login-failures: Users cannot log in/,
      /^ {2}named pool-starved/,
      /The outage of 2 September 2024, minute by minute/,
      /^ {2}01:04 ALARM {2}pool-saturated/,
      /^ {2}02:\d\d PAGE {3}pool-starved$/,
      /^ {2}03:\d\d OVER {3}pool-starved$/,
    ].map(at);
    expect(order).not.toContain(-1);
    expect(order).toEqual([...order].sort((one, other) => one - other));
    expect(lines.filter((line) => /auth:poolMax is 3/.test(line))).toHaveLength(1);
    const page = file("first.html");
    run("outage-2024-09-02", "--html", page);
    const section = readFileSync(page, "utf8").split("<section")[1] ?? "";
    expect(section.indexOf("The connection pool is too small")).toBeGreaterThan(0);
    expect(section.indexOf("The connection pool is too small")).toBeLessThan(section.indexOf("<svg"));
  });

  it("tells a message once, however often it wakes somebody", () => {
    const { stdout } = run("defect-gauge-summed");
    expect(stdout.split("\n")[1]).toMatch(/^ {2}\d\d:\d\d PAGE {3}db-connections-high: .* \(\d+ times\)$/);
    expect(stdout.match(/Connections above half/g)).toHaveLength(1);
  });

  it("writes JSON with what each scenario comes to", () => {
    const { code, stdout } = run("outage-2024-09-02", "--format", "json");
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report.scenarios).toHaveLength(1);
    expect(report.scenarios[0]).toMatchObject({
      name: "outage-2024-09-02",
      passed: true,
      cause: "pool-starved",
      wrongCauses: [],
      firstFailure: "2024-09-02T02:15:00.000Z",
    });
    expect(report.scenarios[0].minutesToDetect).toBeLessThanOrEqual(5);
    expect(report.scenarios[0].minutesToCause).toBeLessThanOrEqual(5);
    expect(report.scenarios[0].pages[0]).toBe("pool-starved");
  });

  it("takes a scenario file, and a bar that is missed is 1", () => {
    expect(run(file("short.yaml"))).toMatchObject({ code: 0, stderr: "" });
    const { code, stdout } = run(file("late.yaml"));
    expect(code).toBe(1);
    expect(stdout).toMatch(/✖ pool-starved was not named/);
    expect(stdout).toMatch(/1 of 1 did not pass/);
  });

  it("takes the lab's trace, names pool-starved from it, and no other", () => {
    for (const argv of [[file("lab.json")], ["--trace", file("lab.json")]]) {
      const { code, stdout } = run(...argv, "--stack", "incident-2024-09-02", "--format", "json");
      expect(code).toBe(0);
      const [scenario] = JSON.parse(stdout).scenarios;
      expect(scenario).toMatchObject({ name: "lab", cause: "pool-starved", wrongCauses: [] });
      expect(scenario.pages).toEqual(["pool-starved"]);
      expect(scenario.blind).toContain("running-tasks");
    }
  });

  it("takes the delay of ingestion", () => {
    const minutes = (delay: string) =>
      JSON.parse(run("outage-2024-09-02", "--format", "json", "--ingestion-delay", delay).stdout).scenarios[0]
        .minutesToCause;
    expect(minutes("3m")).toBe(minutes("60s") + 2);
  });

  it("writes JUnit, into a file", () => {
    const path = file("report.xml");
    expect(run(file("late.yaml"), "--format", "junit", "--output", path)).toEqual({
      code: 1,
      stdout: "",
      stderr: "",
    });
    const xml = readFileSync(path, "utf8");
    expect(xml).toMatch(/<testsuite name="replay" tests="1" failures="1"/);
    expect(xml).toMatch(/<failure message="pool-starved was not named">/);
  });

  it("draws a page that needs nothing else", () => {
    const path = file("page.html");
    expect(run("outage-2024-09-02", "--html", path).code).toBe(0);
    const page = readFileSync(path, "utf8");
    expect(page).toMatch(/<svg[^>]*>.*pool-timeouts against its threshold/s);
    expect(page).toMatch(/<rect class="ALARM"/);
    expect(page).toMatch(/prefers-color-scheme: dark/);
    expect(page).not.toMatch(/<script|<link|src=|url\(|https?:\/\//);
    expect(page).not.toMatch(/NaN|undefined/);
  });

  it("lists the shipped scenarios", () => {
    const { code, stdout } = run("--list");
    expect(code).toBe(0);
    for (const name of shippedScenarios()) expect(stdout).toContain(`${name}  (`);
  });

  it("judges another set of alarms by whom it wakes and when, and names its file", () => {
    const sets = resolve(__dirname, "../../../drills/replay/scenarios/alarm-sets");
    const path = join(sets, "database-only.json");
    const { code, stdout } = run("outage-2024-09-02", "--alarms", path);
    expect(code).toBe(1);
    expect(stdout).toContain(`✖ outage-2024-09-02  (alarms of ${path})`);
    expect(stdout).toMatch(/✖ nobody was woken, and 5 minutes after the first failure are the bar/);
    expect(stdout).toMatch(/woke nobody\n {2}went off: none/);
    expect(stdout).not.toMatch(/pool-starved|login-failures|no cause was named/);
    const [scenario] = JSON.parse(
      run("outage-2024-09-02", "--alarms", path, "--format", "json").stdout,
    ).scenarios;
    expect(scenario).toMatchObject({ alarms: { file: path }, judgedBy: "anySet", passed: false });
  });

  it("passes a set of other names that wakes somebody in time, and says what went off", () => {
    const { code, stdout } = run("outage-2024-09-02", file("short.yaml"), "--alarms", file("errors.json"));
    expect(stdout).toMatch(/went off: too-many-errors\n/);
    expect(stdout).toMatch(/detected [1-4] minutes after the first failure/);
    expect(stdout).toMatch(/2 of 2 passed/);
    expect(code).toBe(0);
  });

  it("does not replay another set of alarms where a scenario is about a faulty one", () => {
    const selection = {
      scenarios: [],
      traces: [],
      stack: undefined,
      alarms: undefined,
      ingestionDelaySeconds: 60,
    };
    expect(usualScenarios(selection)).toEqual(shippedScenarios());
    expect(usualScenarios({ alarms: file("errors.json") })).toEqual(
      shippedScenarios().filter((name) => !name.startsWith("defect-")),
    );
    const [faulty] = readScenarios({ ...selection, scenarios: ["defect-gauge-summed"] });
    expect(faulty?.alarmsOf).toEqual({ file: "alarm-sets/gauge-summed.json" });
  });

  it("wants to be told whose alarms to replay on a trace, and calls none of them passed", () => {
    for (const argv of [[file("lab.json")], ["--trace", file("lab.json")]]) {
      const { code, stdout, stderr } = run(...argv);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(
        /^✖ .*lab\.json is a trace, .*--stack STACK \(.*incident-2024-09-02.*\) or --alarms FILE\n$/,
      );
    }
    const { code, stdout } = run("--trace", file("lab.json"), "--stack", "incident-2024-09-02");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^· lab {2}\(alarms of the stack incident-2024-09-02\)/);
    expect(stdout).toMatch(/1 replayed without anything expected, so neither passed nor failed/);
    expect(stdout).not.toMatch(/\d passed/);
    const xml = run("--trace", file("lab.json"), "--stack", "prod", "--format", "junit").stdout;
    expect(xml).toMatch(/tests="1" failures="0" errors="0" skipped="1"/);
    const json = run("--trace", file("lab.json"), "--alarms", file("errors.json"), "--format", "json").stdout;
    expect(JSON.parse(json).scenarios).toMatchObject([
      {
        alarms: { file: file("errors.json") },
        judgedBy: "nothing",
        passed: null,
        pages: ["too-many-errors"],
      },
    ]);
  });

  it("leaves out alarms that it cannot judge, says which and why, and judges the others", () => {
    const page = file("mixed.html");
    for (const format of ["text", "json", "junit"]) {
      const argv = [file("short.yaml"), "--alarms", file("mixed.json"), "--format", format, "--html", page];
      const { code, stdout, stderr } = run(...argv);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      for (const text of [stdout, readFileSync(page, "utf8")]) {
        expect(text).toMatch(/cpu-band.*compares with an anomaly band/s);
        expect(text).toContain("replay a copy with a fixed Threshold");
        expect(text).toMatch(/on-band.*reads cpu-band, which was not judged/s);
      }
    }
    expect(run(file("short.yaml"), "--alarms", file("mixed.json")).stdout).toMatch(
      /! not judged: 2 alarms\n/,
    );
    const xml = run(file("short.yaml"), "--alarms", file("mixed.json"), "--format", "junit").stdout;
    expect(xml).toMatch(/tests="3" failures="0" errors="0" skipped="2"/);
  });

  it("says that it cannot judge anything where no alarm of the file can be replayed here", () => {
    const { code, stdout, stderr } = run(file("short.yaml"), "--alarms", file("elsewhere.json"));
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^✖ no alarm can be judged: errors: it watches AWS\/Lambda, .*\n$/);
  });

  it.each([
    [["outage-2024-09-2"], /no scenario and no file outage-2024-09-2: did you mean outage-2024-09-02\?/],
    [["nothing-like-it"], /`npm run replay -- --list` names them/],
    [["--stack", "prd"], /there is no stack prd: did you mean prod\?/],
    [["--stack", "../../etc"], /there is no stack/],
    [["--formt", "json"], /there is no option --formt; did you mean --format\?/],
    [["--format", "xml"], /--format is xml, and it can be text, json, junit/],
    [["--ingestion-delay", "soon"], /--ingestion-delay is soon/],
    [["--output", ""], /--output is empty/],
    [["--stack", "prod", "--alarms", "a.json"], /--stack and --alarms both say whose alarms/],
    [
      ["--stack", "prod", "--trace", "/nowhere/t.json"],
      /\/nowhere\/t.json cannot be read: it does not exist/,
    ],
    [["--alarms", "/nowhere/a.json"], /\/nowhere\/a.json cannot be read/],
  ])("%o is 2 with one line", (argv, message) => {
    const { code, stdout, stderr } = run(...argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  it.each([
    ["no.yaml", "about: [", /neither YAML nor JSON/],
    ["typo.yaml", SHORT.replace("seed", "sed"), /is no scenario: `generate.seed`|`generate`/],
    ["time.yaml", SHORT.replace("pages: []", "states: [{ at: 2, alarms: {} }]"), /`expect.states.0.at`/],
    ["both.yaml", SHORT.replace("stack: prod", "stack: prod\ntrace: t.json"), /either `generate` or `trace`/],
    ["stack.yaml", SHORT.replace("prod", "prd"), /did you mean prod/],
    [
      "setting.yaml",
      SHORT.replace("stack: prod", "stack: prod\nsettings: { poolMx: 3 }"),
      /did you mean poolMax/,
    ],
    [
      "event.yaml",
      SHORT.replace("expect:", "  events: [{ title: late, at: '09:00' }]\nexpect:"),
      /outside the trace/,
    ],
    ["empty.json", "{}", /is no scenario/],
    ["series.json", '{"series": []}', /is no trace/],
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
    expect(stderr).toMatch(/\/nowhere\/page.html cannot be written: it does not exist/);
    expect(() => readFileSync(report)).toThrow();
  });

  it("starts as a program", () => {
    const root = resolve(__dirname, "../../..");
    const { status, stdout } = spawnSync(
      process.execPath,
      ["--import", "tsx", "drills/replay/cli.ts", "--help"],
      { cwd: root, encoding: "utf8" },
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/^npm run replay -- \[SCENARIO…\]/);
  });

  it("reads its command line", () => {
    expect(parseCommandLine(["a", "b", "--ingestion-delay", "2m", "-s", "prod"])).toMatchObject({
      kind: "replay",
      format: "text",
      selection: { scenarios: ["a", "b"], ingestionDelaySeconds: 120, stack: "prod" },
    });
  });
});
