import { readFileSync } from "node:fs";
import * as path from "node:path";
import Ajv from "ajv";
import { describe, expect, it } from "vitest";
import { toSarif } from "../../../policies/reports/sarif";
import { environment, SERVICE } from "../samplePlan";
import { REPORTS, reportOf, STARVED } from "./sampleReports";

interface Log {
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
      readonly automationDetails: { readonly id: string };
      readonly results: readonly Result[];
    },
  ];
}

interface Result {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: string;
  readonly message: { readonly text: string };
  readonly locations: readonly object[];
  readonly partialFingerprints: { readonly [version: string]: string };
  readonly suppressions: readonly object[];
}

const logOf = (...given: Parameters<typeof toSarif>): Log["runs"][0] =>
  (JSON.parse(toSarif(...given)) as Log).runs[0];

/*
 * The schema of SARIF 2.1.0 as OASIS published it with revision rtm.5, from the npm package @microsoft/jest-sarif
 * 1.0.0-beta.0 (MIT). It is written in draft 4, which for this schema differs from draft 7 in the names of two keywords.
 */
const {
  $schema: _,
  id: __,
  ...official
} = JSON.parse(readFileSync(path.join(__dirname, "sarif-2.1.0-rtm.5.schema.json"), "utf8")) as {
  readonly [keyword: string]: unknown;
};
const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(official);

describe("the report as SARIF", () => {
  it.each(Object.entries(REPORTS))("fits the official schema: %s", (_kind, report) => {
    validate(JSON.parse(toSarif(report, { at: () => ({ file: "stacks/a b#c.yaml", line: 3 }) })));
    expect(validate.errors).toBeNull();
    validate(JSON.parse(toSarif(report)));
    expect(validate.errors).toBeNull();
  });

  it("is refused by that schema when it is not SARIF", () => {
    expect(validate({ version: "2.1.0", runs: [{ results: [] }] })).toBe(false);
  });

  it("gives a violation its rule, its level, and the line where it is mended", () => {
    const { tool, results } = logOf(reportOf(STARVED), {
      at: ({ resource }) =>
        resource === SERVICE ? { file: "stacks/Pulumi.prod.yaml", line: 12 } : undefined,
    });
    expect(results).toHaveLength(1);
    expect(results[0]).toMatchObject({
      ruleId: "pool-floor",
      level: "error",
      message: { text: expect.stringContaining("`pool.max` is 3, below the floor of 11") },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: "stacks/Pulumi.prod.yaml" },
            region: { startLine: 12 },
          },
          logicalLocations: [{ name: "api", fullyQualifiedName: SERVICE }],
        },
      ],
      suppressions: [],
    });
    expect(tool.driver.rules[results[0]?.ruleIndex ?? -1]?.id).toBe("pool-floor");
  });

  it("names the resource alone where no file is known, and a file without a line where that is all", () => {
    const [bare] = logOf(reportOf(STARVED)).results;
    expect(bare?.locations).toEqual([{ logicalLocations: [expect.objectContaining({ name: "api" })] }]);
    const [file] = logOf(reportOf(STARVED), { at: () => ({ file: "dir with space/ä.ts" }) }).results;
    expect(file?.locations[0]).toMatchObject({
      physicalLocation: { artifactLocation: { uri: "dir%20with%20space/%C3%A4.ts" } },
    });
    expect(JSON.stringify(file)).not.toContain("region");
  });

  it("keeps a finding's fingerprint when numbers and lines move, and tells findings apart", () => {
    const of = (pool: string, line: number): (string | undefined)[] =>
      logOf(reportOf({ environment: environment({ DB_POOL_MAX: pool, DB_POOL_ACQUIRE_TIMEOUT_MS: "0" }) }), {
        at: () => ({ file: "a.yaml", line }),
      }).results.map(({ partialFingerprints }) => partialFingerprints["poolproofFinding/v1"]);
    expect(of("3", 10)).toEqual(of("4", 99));
    expect(new Set(of("3", 10)).size).toBe(2);
    for (const mark of of("3", 10)) expect(mark).toMatch(/^[0-9a-f]{64}$/);
  });

  it("shows what is excepted as suppressed, with who answers for it", () => {
    const excepted = REPORTS.excepted;
    if (!excepted) throw new Error("no such sample");
    expect(logOf(excepted).results).toEqual([
      expect.objectContaining({
        ruleId: "pool-floor",
        level: "error",
        suppressions: [
          {
            kind: "external",
            status: "accepted",
            justification: "replaced next week (team auth, until 2026-07-01)",
          },
        ],
      }),
    ]);
  });

  it("shows what is undecided as notes, beside the violation that rejects it", () => {
    const undecided = REPORTS.undecided;
    if (!undecided) throw new Error("no such sample");
    const levels = logOf(undecided).results.map(({ ruleId, level }) => `${ruleId}: ${level}`);
    expect(levels).toContain("undecided: error");
    expect(levels).toContain("pool-floor: note");
  });

  it("keeps the runs of two stacks apart", () => {
    expect(logOf({ ...reportOf({}), stack: "prod" }).automationDetails.id).toBe("poolproof/prod/");
  });
});
