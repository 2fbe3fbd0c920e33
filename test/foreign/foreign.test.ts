import { existsSync, readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { describe, expect, it } from "vitest";
import type { Report } from "../../policies/reports/report";
import { installedCommand } from "../policies/command";

/** One stack of a program that is not ours, and the verdict that a platform engineer would give. */
interface Row {
  readonly program: string;
  readonly stack: string;
  /** Policy configuration, beside the program. */
  readonly policy?: string;
  readonly verdict: "accepted" | "rejected";
  /** The plan that the pack wrote, for a program that `check` cannot run. */
  readonly plan?: string;
  /** Recorded answers to its look-ups. */
  readonly answers?: string;
  /** Every rule with a mandatory violation; none where the stack is accepted. */
  readonly rules?: readonly string[];
  /** Rules that say they cannot decide something. */
  readonly undecided?: readonly string[];
  readonly because: string;
}

/** Beside most programs. */
const POLICY = { policy: "policy.json" };
type Given = Pick<Row, "policy" | "plan" | "answers" | "undecided">;
const accepted = (stack: string, because: string, given: Given = {}) =>
  ({ stack, verdict: "accepted", because, ...given }) as const;
const rejected = (stack: string, rules: readonly string[], because: string, given: Given = {}) =>
  ({ stack, verdict: "rejected", rules, because, ...given }) as const;

const ROWS: readonly Row[] = Object.entries<readonly Omit<Row, "program">[]>({
  "flat-endpoint-in-url": [
    rejected(
      "dev",
      ["demand-declared", "timeout-order", "undecided"],
      "the endpoint of a new database hides the URL, and the container says nothing else of its pool",
      { undecided: [] },
    ),
    accepted("dev", "the policy configuration declares what the preview hides", {
      policy: "policy-warn.json",
    }),
  ],
  "typescript-components": [
    accepted("production", "three services share one database within its budget"),
    rejected(
      "blackfriday",
      ["pool-floor", "connection-budget"],
      "two of the three services ask for more together than there is, and the third for too little",
    ),
  ],
  "two-databases": [
    accepted("live", "each service names its database"),
    rejected("starved", ["pool-floor"], "one pool is too small, whatever the other database has to spare"),
    rejected("untagged", ["undecided"], "nothing says which database a service uses", {
      undecided: ["connection-budget"],
    }),
  ],
  "aurora-spring": [
    accepted("prod", "HikariCP's pool fits the smallest member that may become the writer"),
    rejected("undersized", ["connection-budget"], "the same fleet on a class with a tenth of the memory"),
  ],
  "serverless-python": [
    accepted("prod", "pool and overflow of four workers a task fit what the maximum capacity gives"),
    rejected("forked", ["connection-budget"], "every worker process has a pool of its own"),
  ],
  "lambda-proxy": [
    accepted("prod", "the function's concurrency is reserved and the proxy may open enough"),
    rejected("narrow", ["proxy-bounds"], "the proxy may open eight connections, and nobody waits for one"),
    rejected(
      "unbounded",
      ["undecided"],
      "a thousand instances of the function may run, and whether their sessions pin is not said",
      { undecided: ["proxy-bounds"] },
    ),
  ],
  "go-mysql": [
    accepted("bounded", "the pool has a limit, and it fits"),
    rejected("unlimited", ["pool-floor"], "0 means no limit to database/sql"),
    rejected("silent", ["pool-floor"], "so does saying nothing"),
  ],
  "mysql-lambda": [
    accepted("prod", "two functions with a reserved concurrency and a pool of one each fit"),
    rejected("unreserved", ["connection-budget"], "a thousand environments of each may run at once"),
    rejected(
      "mislabelled",
      ["undecided"],
      "node-postgres does not speak to MySQL, so nobody knows which library's defaults hold",
      { undecided: ["coverage"] },
    ),
  ],
  "prisma-url": [
    accepted("prod", "the pool stands in a connection string that is known, and fits"),
    rejected(
      "greedy",
      ["acquire-timeout", "connection-budget"],
      "too many connections, and no end to waiting for one",
    ),
    rejected(
      "default",
      ["timeout-order", "undecided"],
      "Prisma's own default follows processors that no plan shows",
      { undecided: ["pool-floor", "connection-budget"] },
    ),
  ],
  "database-only": [
    rejected(
      "prod",
      ["coverage"],
      "nobody says who uses the database, so nothing was held against its limit",
    ),
    accepted("prod", "the clients that the policy configuration declares fit", POLICY),
    rejected("prod", ["connection-budget"], "the declared clients have twice as many instances", {
      policy: "policy-too-many.json",
    }),
  ],
  "codedeploy-blue-green": [
    accepted("prod", "both colours fit at once"),
    rejected(
      "forgets-green",
      ["connection-budget"],
      "one colour fits, two do not, and `maximumPercent` has no say with CodeDeploy",
    ),
  ],
  "launch-template-client": [
    rejected("prod", ["coverage"], "something uses the database, and nothing shows its pool"),
    accepted("prod", "the policy configuration declares what the user data hides", POLICY),
  ],
  "stack-reference": [
    rejected("prod", ["coverage"], "the database is in another stack, and nothing says how much it can give"),
    accepted("prod", "the policy configuration describes the other stack's database", POLICY),
    rejected("greedy", ["connection-budget"], "what the other stack's clients hold counts as well", POLICY),
  ],
  "published-alarms": [
    rejected(
      "published",
      ["alarm-actionable", "alarm-shape", "alarm-threshold"],
      "a gauge is summed over five minutes, one alarm has no dimension, one is always on, and one tells nobody",
    ),
    accepted(
      "corrected",
      "both sides of the pool are watched, and a composite tells of what its signals say",
      POLICY,
    ),
    accepted("silent", "a stack without alarms is advised to have some, no more"),
    rejected(
      "silent",
      ["alarms-present"],
      "the policy configuration makes alarms a must, and there are none",
      POLICY,
    ),
    accepted("silent", "the policy configuration says who holds the alarms, and why", {
      policy: "policy-elsewhere.json",
    }),
  ],
  "awsx-fargate": [
    accepted(
      "prod",
      "the container in a component's inputs is read, and the network around it says nothing of pools",
      POLICY,
    ),
    rejected(
      "starved",
      ["demand-declared", "undecided"],
      "nobody declares its demand, and what balances its load is made by a component",
      { undecided: ["drain-order"] },
    ),
  ],
  "awsx-ec2-and-fargate": [
    accepted("prod", "both services fit, whatever the other stack's network is", POLICY),
    rejected(
      "starved",
      ["pool-floor"],
      "one of two containers of a task holds the pool, and it is too small",
      POLICY,
    ),
  ],
  "existing-network": [
    accepted("prod", "none of the look-ups has to do with a pool", POLICY),
    rejected("starved", ["pool-floor"], "the pool stands next to an unknown address", POLICY),
  ],
  "secret-lookup": [
    accepted("prod", "user and password of the URL are unknown, and the pool is not", POLICY),
    rejected(
      "crowded",
      ["connection-budget"],
      "nine tasks and their surge ask for more than there is",
      POLICY,
    ),
  ],
  "esm-top-level-await": [
    accepted("prod", "an ES module is run as Pulumi runs it", POLICY),
    rejected(
      "starved",
      ["pool-floor"],
      "one of the services it makes in a loop has too small a pool",
      POLICY,
    ),
  ],
  "computed-from-secret": [
    accepted("prod", "the answer to the look-up that it computes with is recorded", {
      policy: "policy.json",
      answers: "answers-prod.json",
    }),
    rejected("starved", ["pool-floor"], "the recorded answer holds a pool of one", {
      policy: "policy.json",
      answers: "answers-starved.json",
    }),
  ],
  "yaml-services": [
    rejected("dev", ["demand-declared", "undecided"], "one definition is hidden by an address", {
      plan: "plan.json",
      undecided: ["pool-floor", "connection-budget"],
    }),
    accepted("dev", "the policy configuration says what the plan hides", {
      policy: "policy.json",
      plan: "plan.json",
    }),
  ],
}).flatMap(([program, rows]) => rows.map((row) => ({ program, ...row })));

/** Passwords that stand in the programs and their stack files. */
const SECRETS = [
  "correct-horse-battery-staple",
  "not-a-real-password-1",
  "hunter2-in-the-program",
  "prisma-password-in-url",
  "legacy-password-in-user-data",
];

const { folder, run } = installedCommand();
const { AWS_REGION: _, AWS_DEFAULT_REGION: __, ...env } = process.env;
const poolproof = (args: readonly string[]) => run(args, { env });

function check(row: Row) {
  const { policy } = row;
  const config = policy === undefined ? [] : ["--policy-config", path.resolve(folderOf(row), policy)];
  return poolproof(["check", ...sourceOf(row), "--format", "json", ...config]);
}

const folderOf = ({ program }: Row): string => path.join(__dirname, program);

function sourceOf(row: Row): string[] {
  const folder = folderOf(row);
  return [
    "--cwd",
    folder,
    "--stack",
    row.stack,
    ...(row.plan === undefined ? [] : ["--plan", path.join(folder, row.plan)]),
    ...(row.answers === undefined ? [] : ["--answers", path.join(folder, row.answers)]),
  ];
}

const title = ({ program, stack, policy, verdict, because }: Row): string =>
  `${program}, ${stack}${policy === undefined ? "" : ` with ${policy}`}: ${verdict}, for ${because}`;

describe.concurrent("programs that are not ours", () => {
  it.each(ROWS.map((row) => [title(row), row] as const))(
    "%s",
    async (_title, row) => {
      const { code, stdout, stderr } = await check(row);
      expect(stderr).not.toContain("error:");
      const report = JSON.parse(stdout) as Report;
      const mandatory = report.violations.filter(({ level }) => level === "mandatory");
      expect({
        verdict: report.verdict,
        rules: [...new Set(mandatory.map(({ rule }) => rule))].sort(),
      }).toEqual({ verdict: row.verdict, rules: [...(row.rules ?? [])].sort() });
      expect(code).toBe(row.verdict === "accepted" ? 0 : 1);
      expect(report.undecided.map(({ rule }) => rule)).toEqual(
        expect.arrayContaining([...(row.undecided ?? [])]),
      );
      for (const secret of SECRETS) expect(stdout + stderr).not.toContain(secret);
    },
    90_000,
  );
});

/** One stack of each program, the first of the table that nothing describes. */
const BEGINNINGS = ROWS.filter(
  ({ program, policy }, at) =>
    policy === undefined && ROWS.findIndex((row) => row.program === program) === at,
);

describe.concurrent("init", () => {
  it.each(BEGINNINGS.map((row) => [`${row.program}, ${row.stack}`, row] as const))(
    "writes a file for %s that check accepts at once",
    async (_title, row) => {
      const file = path.join(folder({}), "begun.json");
      const begun = await poolproof(["init", ...sourceOf(row), "--output", file]);
      expect(begun.stderr).not.toContain("error:");
      expect(begun.code).toBe(0);
      expect(begun.stdout).toContain(`${row.stack}: accepted`);
      const { code, stdout, stderr } = await check({ ...row, policy: file });
      expect(stderr).not.toContain("error:");
      expect(code).toBe(0);
      // What rejects by default is still said, as a warning.
      const report = JSON.parse(stdout) as Report;
      const said = new Set(report.violations.map(({ rule }) => rule));
      expect([...said]).toEqual(expect.arrayContaining([...(row.rules ?? [])]));
      const written = readFileSync(file, "utf8") + begun.stdout;
      for (const secret of SECRETS) expect(written).not.toContain(secret);
    },
    90_000,
  );
});

/** Styles of programs that people publish, each as it was accepted. */
const STYLES = [
  "awsx-fargate",
  "awsx-ec2-and-fargate",
  "existing-network",
  "secret-lookup",
  "esm-top-level-await",
  "computed-from-secret",
  "yaml-services",
  "flat-endpoint-in-url",
  "typescript-components",
  "stack-reference",
  "prisma-url",
  "serverless-python",
];

describe.concurrent("a program in a published style", () => {
  it.each(
    STYLES,
  )("%s: floor and budget are decided with at most three lines of policy config", async (program) => {
    const row = ROWS.find((each) => each.program === program && each.verdict === "accepted");
    if (row === undefined) throw new Error(`${program} is accepted nowhere`);
    const { policy } = row;
    const config = policy && JSON.parse(readFileSync(path.join(folderOf(row), policy), "utf8"));
    const settings = Object.values(config?.["poolproof-settings"] ?? {});
    const lines = settings.flatMap((value) => (Array.isArray(value) ? value : [value]));
    expect(lines.length).toBeLessThanOrEqual(3);

    const { budgets } = JSON.parse((await check(row)).stdout) as Report;
    expect(budgets.length).toBeGreaterThan(0);
    for (const { clients, demandAtPeak } of budgets) {
      expect(demandAtPeak).not.toBeNull();
      for (const { floor, ceiling } of clients) expect([floor, ceiling]).not.toContain(null);
    }
  }, 90_000);
});

describe("the table", () => {
  it("has every program, each accepted once and rejected once", () => {
    const programs = readdirSync(__dirname).filter((name) =>
      existsSync(path.join(__dirname, name, "Pulumi.yaml")),
    );
    for (const program of programs) {
      const verdicts = ROWS.filter((row) => row.program === program).map(({ verdict }) => verdict);
      expect([...new Set(verdicts)].sort(), program).toEqual(["accepted", "rejected"]);
    }
    expect(programs.length).toBeGreaterThanOrEqual(8);
  });
});
