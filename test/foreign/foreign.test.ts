import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Report } from "../../policies/reports/report";
import { compilePack, removeFolder } from "../policies/compiledPack";

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

const ROWS: readonly Row[] = [
  {
    program: "flat-endpoint-in-url",
    stack: "dev",
    verdict: "rejected",
    rules: ["demand-declared", "timeout-order", "undecided"],
    undecided: [],
    because: "the endpoint of a new database hides the URL, and the container says nothing else of its pool",
  },
  {
    program: "flat-endpoint-in-url",
    stack: "dev",
    policy: "policy-warn.json",
    verdict: "accepted",
    because: "the policy configuration declares what the preview hides",
  },
  {
    program: "typescript-components",
    stack: "production",
    verdict: "accepted",
    because: "three services share one database within its budget",
  },
  {
    program: "typescript-components",
    stack: "blackfriday",
    verdict: "rejected",
    rules: ["pool-floor", "connection-budget"],
    because: "two of the three services ask for more together than there is, and the third for too little",
  },
  {
    program: "two-databases",
    stack: "live",
    verdict: "accepted",
    because: "each service names its database",
  },
  {
    program: "two-databases",
    stack: "starved",
    verdict: "rejected",
    rules: ["pool-floor"],
    because: "one pool is too small, whatever the other database has to spare",
  },
  {
    program: "two-databases",
    stack: "untagged",
    verdict: "rejected",
    rules: ["undecided"],
    undecided: ["connection-budget"],
    because: "nothing says which database a service uses",
  },
  {
    program: "aurora-spring",
    stack: "prod",
    verdict: "accepted",
    because: "HikariCP's pool fits the smallest member that may become the writer",
  },
  {
    program: "aurora-spring",
    stack: "undersized",
    verdict: "rejected",
    rules: ["connection-budget"],
    because: "the same fleet on a class with a tenth of the memory",
  },
  {
    program: "serverless-python",
    stack: "prod",
    verdict: "accepted",
    because: "pool and overflow of four workers a task fit what the maximum capacity gives",
  },
  {
    program: "serverless-python",
    stack: "forked",
    verdict: "rejected",
    rules: ["connection-budget"],
    because: "every worker process has a pool of its own",
  },
  {
    program: "lambda-proxy",
    stack: "prod",
    verdict: "accepted",
    because: "the function's concurrency is reserved and the proxy may open enough",
  },
  {
    program: "lambda-proxy",
    stack: "narrow",
    verdict: "rejected",
    rules: ["proxy-bounds"],
    because: "the proxy may open eight connections, and nobody waits for one",
  },
  {
    program: "lambda-proxy",
    stack: "unbounded",
    verdict: "rejected",
    rules: ["undecided"],
    undecided: ["proxy-bounds"],
    because: "a thousand instances of the function may run, and whether their sessions pin is not said",
  },
  {
    program: "go-mysql",
    stack: "bounded",
    verdict: "accepted",
    because: "the pool has a limit, and it fits",
  },
  {
    program: "go-mysql",
    stack: "unlimited",
    verdict: "rejected",
    rules: ["pool-floor"],
    because: "0 means no limit to database/sql",
  },
  {
    program: "go-mysql",
    stack: "silent",
    verdict: "rejected",
    rules: ["pool-floor"],
    because: "so does saying nothing",
  },
  {
    program: "mysql-lambda",
    stack: "prod",
    verdict: "accepted",
    because: "two functions with a reserved concurrency and a pool of one each fit",
  },
  {
    program: "mysql-lambda",
    stack: "unreserved",
    verdict: "rejected",
    rules: ["connection-budget"],
    because: "a thousand environments of each may run at once",
  },
  {
    program: "mysql-lambda",
    stack: "mislabelled",
    verdict: "rejected",
    rules: ["undecided"],
    undecided: ["coverage"],
    because: "node-postgres does not speak to MySQL, so nobody knows which library's defaults hold",
  },
  {
    program: "prisma-url",
    stack: "prod",
    verdict: "accepted",
    because: "the pool stands in a connection string that is known, and fits",
  },
  {
    program: "prisma-url",
    stack: "greedy",
    verdict: "rejected",
    rules: ["acquire-timeout", "connection-budget"],
    because: "too many connections, and no end to waiting for one",
  },
  {
    program: "prisma-url",
    stack: "default",
    verdict: "rejected",
    rules: ["timeout-order", "undecided"],
    undecided: ["pool-floor", "connection-budget"],
    because: "Prisma's own default follows processors that no plan shows",
  },
  {
    program: "database-only",
    stack: "prod",
    verdict: "rejected",
    rules: ["coverage"],
    because: "nobody says who uses the database, so nothing was held against its limit",
  },
  {
    program: "database-only",
    stack: "prod",
    policy: "policy.json",
    verdict: "accepted",
    because: "the clients that the policy configuration declares fit",
  },
  {
    program: "database-only",
    stack: "prod",
    policy: "policy-too-many.json",
    verdict: "rejected",
    rules: ["connection-budget"],
    because: "the declared clients have twice as many instances",
  },
  {
    program: "codedeploy-blue-green",
    stack: "prod",
    verdict: "accepted",
    because: "both colours fit at once",
  },
  {
    program: "codedeploy-blue-green",
    stack: "forgets-green",
    verdict: "rejected",
    rules: ["connection-budget"],
    because: "one colour fits, two do not, and `maximumPercent` has no say with CodeDeploy",
  },
  {
    program: "launch-template-client",
    stack: "prod",
    verdict: "rejected",
    rules: ["coverage"],
    because: "something uses the database, and nothing shows its pool",
  },
  {
    program: "launch-template-client",
    stack: "prod",
    policy: "policy.json",
    verdict: "accepted",
    because: "the policy configuration declares what the user data hides",
  },
  {
    program: "stack-reference",
    stack: "prod",
    verdict: "rejected",
    rules: ["coverage"],
    because: "the database is in another stack, and nothing says how much it can give",
  },
  {
    program: "stack-reference",
    stack: "prod",
    policy: "policy.json",
    verdict: "accepted",
    because: "the policy configuration describes the other stack's database",
  },
  {
    program: "stack-reference",
    stack: "greedy",
    policy: "policy.json",
    verdict: "rejected",
    rules: ["connection-budget"],
    because: "what the other stack's clients hold counts as well",
  },
  {
    program: "published-alarms",
    stack: "published",
    verdict: "rejected",
    rules: ["alarm-actionable", "alarm-shape", "alarm-threshold"],
    because:
      "a gauge is summed over five minutes, one alarm has no dimension, one is always on, and one tells nobody",
  },
  {
    program: "published-alarms",
    stack: "corrected",
    policy: "policy.json",
    verdict: "accepted",
    because: "both sides of the pool are watched, and a composite tells of what its signals say",
  },
  {
    program: "published-alarms",
    stack: "silent",
    verdict: "accepted",
    because: "a stack without alarms is advised to have some, no more",
  },
  {
    program: "published-alarms",
    stack: "silent",
    policy: "policy.json",
    verdict: "rejected",
    rules: ["alarms-present"],
    because: "the policy configuration makes alarms a must, and there are none",
  },
  {
    program: "published-alarms",
    stack: "silent",
    policy: "policy-elsewhere.json",
    verdict: "accepted",
    because: "the policy configuration says who holds the alarms, and why",
  },
  {
    program: "awsx-fargate",
    stack: "prod",
    policy: "policy.json",
    verdict: "accepted",
    because: "the container in a component's inputs is read, and the network around it says nothing of pools",
  },
  {
    program: "awsx-fargate",
    stack: "starved",
    verdict: "rejected",
    rules: ["demand-declared", "undecided"],
    undecided: ["drain-order"],
    because: "nobody declares its demand, and what balances its load is made by a component",
  },
  {
    program: "awsx-ec2-and-fargate",
    stack: "prod",
    policy: "policy.json",
    verdict: "accepted",
    because: "both services fit, whatever the other stack's network is",
  },
  {
    program: "awsx-ec2-and-fargate",
    stack: "starved",
    policy: "policy.json",
    verdict: "rejected",
    rules: ["pool-floor"],
    because: "one of two containers of a task holds the pool, and it is too small",
  },
  {
    program: "existing-network",
    stack: "prod",
    policy: "policy.json",
    verdict: "accepted",
    because: "none of the look-ups has to do with a pool",
  },
  {
    program: "existing-network",
    stack: "starved",
    policy: "policy.json",
    verdict: "rejected",
    rules: ["pool-floor"],
    because: "the pool stands next to an unknown address",
  },
  {
    program: "secret-lookup",
    stack: "prod",
    policy: "policy.json",
    verdict: "accepted",
    because: "user and password of the URL are unknown, and the pool is not",
  },
  {
    program: "secret-lookup",
    stack: "crowded",
    policy: "policy.json",
    verdict: "rejected",
    rules: ["connection-budget"],
    because: "nine tasks and their surge ask for more than there is",
  },
  {
    program: "esm-top-level-await",
    stack: "prod",
    policy: "policy.json",
    verdict: "accepted",
    because: "an ES module is run as Pulumi runs it",
  },
  {
    program: "esm-top-level-await",
    stack: "starved",
    policy: "policy.json",
    verdict: "rejected",
    rules: ["pool-floor"],
    because: "one of the services it makes in a loop has too small a pool",
  },
  {
    program: "computed-from-secret",
    stack: "prod",
    policy: "policy.json",
    answers: "answers-prod.json",
    verdict: "accepted",
    because: "the answer to the look-up that it computes with is recorded",
  },
  {
    program: "computed-from-secret",
    stack: "starved",
    policy: "policy.json",
    answers: "answers-starved.json",
    verdict: "rejected",
    rules: ["pool-floor"],
    because: "the recorded answer holds a pool of one",
  },
  {
    program: "yaml-services",
    stack: "dev",
    plan: "plan.json",
    verdict: "rejected",
    rules: ["demand-declared", "undecided"],
    undecided: ["pool-floor", "connection-budget"],
    because: "one definition is hidden by an address",
  },
  {
    program: "yaml-services",
    stack: "dev",
    plan: "plan.json",
    policy: "policy.json",
    verdict: "accepted",
    because: "the policy configuration says what the plan hides",
  },
];

/** Passwords that stand in the programs and their stack files. */
const SECRETS = [
  "correct-horse-battery-staple",
  "not-a-real-password-1",
  "hunter2-in-the-program",
  "prisma-password-in-url",
  "legacy-password-in-user-data",
];

let pack: string;
beforeAll(() => {
  pack = compilePack();
});
afterAll(() => removeFolder(pack));

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function check(row: Row): Promise<Run> {
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

function poolproof(args: readonly string[]): Promise<Run> {
  const { AWS_REGION: _, AWS_DEFAULT_REGION: __, ...env } = process.env;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [path.join(pack, "bin", "poolproof.js"), ...args],
      { env },
      (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === "number" ? error.code : error ? -1 : 0, stdout, stderr }),
    );
  });
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
  ({ program, policy }, at) => policy === undefined && ROWS.findIndex((row) => row.program === program) === at,
);

describe.concurrent("init", () => {
  it.each(BEGINNINGS.map((row) => [`${row.program}, ${row.stack}`, row] as const))(
    "writes a file for %s that check accepts at once",
    async (_title, row) => {
      const file = path.join(pack, `begun-${row.program}.json`);
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
  it.each(STYLES)(
    "%s: floor and budget are decided with at most three lines of policy config",
    async (program) => {
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
    },
    90_000,
  );
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
