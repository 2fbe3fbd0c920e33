import { readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DatabaseEngine } from "../../../policies/model/engines";
import { evaluateParameterFormula, ParameterFormulaError } from "../../../policies/model/formulas";
import { findInstanceClass } from "../../../policies/model/instanceClasses";
import {
  allowedValues,
  familyOfDefaultGroup,
  isDefaultGroup,
  lookUpParameter,
  parameterFamily,
  parseFamily,
  postgresNames,
  valueProblem,
} from "../../../policies/model/parameters";

const lookUp = (name: string, version = "17", engine: DatabaseEngine = "postgres") =>
  lookUpParameter(engine, version, name);

describe("PostgreSQL's parameters", () => {
  it.each([
    [13, 324],
    [14, 338],
    [15, 343],
    [16, 354],
    [17, 369],
    [18, 388],
  ])("of version %i number %i, with RDS's own and what pg_settings hides", (major, count) => {
    expect(postgresNames(major)).toHaveLength(count);
  });

  it.each([
    ["statement_timeout", "dynamic", "integer", 0, 2_147_483_647, "ms"],
    ["tcp_keepalives_idle", "dynamic", "integer", 0, 2_147_483_647, "s"],
    ["authentication_timeout", "dynamic", "integer", 1, 600, "s"],
    ["work_mem", "dynamic", "integer", 64, 2_147_483_647, "kB"],
    ["max_worker_processes", "static", "integer", 0, 262_143, undefined],
    ["random_page_cost", "dynamic", "real", 0, 1.79769e308, undefined],
    ["rds.log_retention_period", "dynamic", "integer", 1440, 10_080, "min"],
  ])("%s is %s", (name, apply, type, min, max, unit) => {
    const found = lookUp(name);
    expect(found).toMatchObject({ state: "known", definition: { apply, type, min, max, unit } });
  });

  it("have RDS's range where it is narrower than the server's", () => {
    expect(lookUp("max_connections")).toMatchObject({
      definition: { min: 6, max: 262_143, apply: "static" },
    });
  });

  it.each([
    "superuser_reserved_connections",
    "wal_level",
    "port",
    "listen_addresses",
    "data_directory",
    "archive_command",
    "ssl_key_file",
    "Unix_Socket_Directories",
  ])("include %s, which RDS keeps to itself in every version", (name) => {
    for (const version of ["13", "15", "18"])
      expect(lookUp(name, version)).toMatchObject({ definition: { isModifiable: false } });
  });

  it("leave everything about connections and logging to the parameter group", () => {
    for (const name of [
      "max_connections",
      "statement_timeout",
      "log_connections",
      "max_wal_senders",
      "work_mem",
    ])
      expect(lookUp(name)).not.toMatchObject({ definition: { isModifiable: false } });
  });

  it.each([
    ["reserved_connections", "15", "no-such"],
    ["reserved_connections", "16", "known"],
    ["transaction_timeout", "16", "no-such"],
    ["transaction_timeout", "17.4", "known"],
    ["idle_session_timeout", "13", "no-such"],
    ["idle_session_timeout", "14", "known"],
    ["wal_keep_segments", "13", "no-such"],
    ["vacuum_defer_cleanup_age", "15", "known"],
    ["vacuum_defer_cleanup_age", "16", "no-such"],
  ])("%s in version %s is %s", (name, version, state) => {
    expect(lookUp(name, version).state).toBe(state);
  });

  it("change their kind with the version", () => {
    expect(lookUp("autovacuum_max_workers", "17")).toMatchObject({ definition: { apply: "static" } });
    expect(lookUp("autovacuum_max_workers", "18")).toMatchObject({ definition: { apply: "dynamic" } });
    expect(lookUp("log_connections", "17")).toMatchObject({ definition: { type: "bool" } });
    expect(lookUp("log_connections", "18")).toMatchObject({ definition: { type: "string" } });
  });

  it("say in which versions a name exists that this one lacks", () => {
    expect(lookUp("transaction_timeout", "15")).toMatchObject({ versions: "17 and later" });
    expect(lookUp("vacuum_defer_cleanup_age", "18")).toMatchObject({ versions: "15 and earlier" });
    expect(lookUp("statment_timeout")).toEqual({
      state: "no-such",
      similar: "statement_timeout",
      versions: undefined,
    });
    expect(lookUp("xyzzy")).toMatchObject({ state: "no-such", similar: undefined });
  });

  it("are found whatever the case of their letters, and never by an inherited name", () => {
    expect(lookUp("timezone")).toMatchObject({ definition: { name: "TimeZone" } });
    expect(lookUp("Statement_Timeout").state).toBe("known");
    expect(lookUp("constructor").state).toBe("no-such");
  });

  it.each([
    ["auto_explain.log_min_duration", "17", "postgres"],
    ["rds.something_new", "17", "postgres"],
    ["apg_plan_mgmt_x", "16", "aurora-postgresql"],
    ["anything", "12", "postgres"],
    ["anything", "19", "postgres"],
    ["anything", "", "postgres"],
    ["innodb_buffer_pool_size", "8.0", "mysql"],
    ["max_execution_time", "10.11", "mariadb"],
    ["__proto__", "8.0", "mysql"],
  ] as const)("and others leave %s of version %s of %s alone", (name, version, engine) => {
    expect(lookUp(name, version, engine).state).toBe("not-covered");
  });
});

describe("MySQL's and MariaDB's parameters", () => {
  it.each([
    ["wait_timeout", "mysql", 1, 31_536_000],
    ["wait_timeout", "mariadb", 0, 31_536_000],
    ["connect_timeout", "mysql", 2, 31_536_000],
    ["max_user_connections", "mysql", 0, 4_294_967_295],
    ["max_user_connections", "mariadb", -1, 4_294_967_295],
    ["innodb_lock_wait_timeout", "aurora-mysql", 1, 1_073_741_824],
    ["max_statement_time", "mariadb", 0, 31_536_000],
  ] as const)("%s of %s is from %i to %i, and dynamic", (name, engine, min, max) => {
    expect(lookUp(name, "8.0", engine)).toMatchObject({ definition: { min, max, apply: "dynamic" } });
  });
});

describe("the family of a parameter group", () => {
  it.each([
    ["postgres", "17", "postgres17"],
    ["postgres", "17.4", "postgres17"],
    ["postgres", "9.6.24", "postgres9.6"],
    ["mysql", "8.0", "mysql8.0"],
    ["mysql", "8.0.42", "mysql8.0"],
    ["mysql", "8.4.5", "mysql8.4"],
    ["mysql", "8", undefined],
    ["mariadb", "10.11.9", "mariadb10.11"],
    ["mariadb", "11.4", "mariadb11.4"],
    ["aurora-postgresql", "16.4", "aurora-postgresql16"],
    ["aurora-mysql", "8.0.mysql_aurora.3.08.2", "aurora-mysql8.0"],
    ["aurora-mysql", "5.7.mysql_aurora.2.12.5", "aurora-mysql5.7"],
    ["postgres", "latest", undefined],
  ] as const)("of %s %s is %s", (engine, version, family) => {
    expect(parameterFamily(engine, version)).toBe(family);
  });

  it("names its engine, which may begin like another", () => {
    expect(parseFamily("aurora-postgresql16")).toEqual({ engine: "aurora-postgresql", version: "16" });
    expect(parseFamily("MySQL8.0")).toEqual({ engine: "mysql", version: "8.0" });
    expect(parseFamily("sqlserver-ee-15.0")).toBeUndefined();
    expect(parseFamily("postgres")).toBeUndefined();
    expect(parseFamily("postgres17; drop")).toBeUndefined();
  });

  it("is what the name of a default group ends in", () => {
    expect(familyOfDefaultGroup("default.postgres17")).toBe("postgres17");
    expect(familyOfDefaultGroup("my-default.postgres17")).toBeUndefined();
    expect(isDefaultGroup("Default.mysql8.0")).toBe(true);
  });
});

function definition(name: string) {
  const found = lookUpParameter("postgres", "17", name);
  if (found.state !== "known") throw new Error(`${name} is ${found.state}`);
  return found.definition;
}
const problem = (name: string, text: string) => valueProblem(definition(name), text);

describe("a parameter's value", () => {
  it.each([
    ["statement_timeout", "0"],
    ["statement_timeout", " 30000 "],
    ["log_min_duration_statement", "-1"],
    ["random_page_cost", "1.1"],
    ["random_page_cost", ".5e1"],
    ["autovacuum", "on"],
    ["autovacuum", "1"],
    ["autovacuum", "TRUE"],
    ["synchronous_commit", "remote_apply"],
    ["synchronous_commit", "On"],
    ["synchronous_commit", "0"],
    ["wal_compression", "zstd"],
    ["log_min_messages", "debug"],
    ["ssl_max_protocol_version", ""],
    ["shared_preload_libraries", "pg_stat_statements,auto_explain"],
    ["application_name", "{anything at all"],
    ["shared_buffers", "{DBInstanceClassMemory/32768}"],
    ["shared_buffers", "SUM({DBInstanceClassMemory/12038},-50003)"],
    ["max_worker_processes", "GREATEST(\u0024{DBInstanceVCPU*2},8)"],
    ["maintenance_work_mem", "GREATEST({DBInstanceClassMemory/63963136*1024},65536)"],
    ["autovacuum", "{DBInstanceVCPU} > 2"],
    ["statement_timeout", "LEAST(1000,2000)"],
  ])("of %s may be %j", (name, text) => {
    expect(problem(name, text)).toBeUndefined();
  });

  it.each([
    ["statement_timeout", "30s", "not a plain number of ms"],
    ["work_mem", "64MB", "not a plain number of kB"],
    ["statement_timeout", "-1", "outside 0 to 2147483647 ms"],
    ["statement_timeout", "2147483648", "outside"],
    ["statement_timeout", "1.5", "not a whole number"],
    ["statement_timeout", "", "not a whole number"],
    ["max_locks_per_transaction", "64MB", "not a whole number"],
    ["random_page_cost", "cheap", "not a number"],
    ["autovacuum_vacuum_scale_factor", "101", "outside 0 to 100"],
    ["autovacuum", "maybe", "neither 1 nor 0"],
    ["synchronous_commit", "sometimes", "none of local, remote_write"],
    ["log_statement", "on", "none of none, ddl, mod, all"],
    ["shared_buffers", "{DBInstanceClassMemory/", "not a formula RDS takes"],
    ["shared_buffers", "{DBInstanceClassMemry/32768}", 'unknown variable "DBInstanceClassMemry"'],
    ["authentication_timeout", "LEAST(1000,2000)", "outside 1 to 600 s"],
  ])("of %s may not be %j: %s", (name, text, message) => {
    expect(problem(name, text)).toContain(message);
  });

  it("is told with what would be right", () => {
    expect(allowedValues(definition("authentication_timeout"))).toBe("a whole number of s from 1 to 600");
    expect(allowedValues(definition("log_statement"))).toBe("one of none, ddl, mod, all");
    expect(allowedValues(definition("autovacuum"))).toBe("1 or 0");
  });

  it("is in range exactly when it lies between the ends", () => {
    const { min = 0, max = 0 } = definition("authentication_timeout");
    fc.assert(
      fc.property(fc.integer({ min: -1000, max: 2000 }), (value) => {
        expect(problem("authentication_timeout", String(value)) === undefined).toBe(
          value >= min && value <= max,
        );
      }),
    );
  });

  it("is never too odd to be judged", () => {
    const names = fc.constantFrom("statement_timeout", "random_page_cost", "autovacuum", "log_statement");
    fc.assert(fc.property(names, fc.string(), (name, text) => void problem(name, text)));
  });
});

const GIB = 2 ** 30;
const of8Gib = { DBInstanceClassMemory: 8 * GIB, DBInstanceVCPU: 2, EndPointPort: 5432 };

describe("evaluateParameterFormula", () => {
  it.each([
    ["400", 400],
    ["  400\n", 400],
    ["-1", -1],
    ["007", 7],
    ["{DBInstanceClassMemory}", 8 * GIB],
    ["{DBInstanceClassMemory/9531392}", 901],
    ["{DBInstanceVCPU*3}", 6],
    ["{DBInstanceClassMemory*3/4}", 6 * GIB],
    ["{DBInstanceClassMemory/63963136*1024}", 134 * 1024],
    ["LEAST({DBInstanceClassMemory/9531392},5000)", 901],
    ["least( { DBInstanceClassMemory / 9531392 } , 500 )", 500],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: AWS's own defaults have the dollar sign
    ["GREATEST(${DBInstanceVCPU*2},8)", 8],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: AWS's own defaults have the dollar sign
    ["GREATEST(${DBInstanceVCPU/2},8)", 8],
    ["SUM({DBInstanceClassMemory/12038},-50003)", Math.floor((8 * GIB) / 12038) - 50003],
    ["GREATEST({DBInstanceClassMemory/63963136*1024},65536)", 137216],
    ["Least(Greatest({DBInstanceVCPU*100},300),Sum(100,100,50))", 250],
    ["LEAST(7)", 7],
    ["{log(DBInstanceClassMemory/805306368)*45}", 135],
    ["{LOG(DBInstanceClassMemory/805306368)*1.5}", 4],
    ["{log(DBInstanceClassMemory/1073741824)}", 3],
    ["{DBInstanceClassMemory*1000000000/1000000000}", 8 * GIB],
  ])("evaluates %s to %i", (text, expected) => {
    expect(evaluateParameterFormula(text, of8Gib)).toBe(expected);
  });

  it.each([
    ["", 0, "the end of the formula"],
    ["   ", 3, "the end of the formula"],
    ["abc", 0, "stands alone"],
    ["1e9", 1, "after the end"],
    ["1.5", 1, "after the end"],
    ["+5", 0, "expected a whole number"],
    ["- 5", 0, "expected a whole number"],
    ["400;DROP", 3, "after the end"],
    ["{}", 1, "name of a variable"],
    ["{5000}", 1, "name of a variable"],
    ["{DBInstanceVCPU", 15, 'expected "}"'],
    ["{DBInstanceVCPU*}", 16, "expected a number"],
    ["{DBInstanceVCPU*0.5}", 16, "not a whole number"],
    ["{DBInstanceVCPU*-2}", 16, "expected a number"],
    ["{DBInstanceVCPU/0}", 16, "division by zero"],
    ["{dbinstancevcpu}", 1, 'unknown variable "dbinstancevcpu"; known: DBInstanceClassMemory'],
    ["{constructor}", 1, "unknown variable"],
    ["{__proto__}", 1, "unknown variable"],
    ["$DBInstanceVCPU", 0, "expected a whole number"],
    ["LEAST()", 6, "expected a whole number"],
    ["LEAST(,5)", 6, "expected a whole number"],
    ["LEAST(5,)", 8, "expected a whole number"],
    ["LEAST(5,6", 9, 'expected ")"'],
    ["LEAST({DBInstanceClassMemory/9531392,5000)", 36, 'expected "}"'],
    ["LEAST 5", 0, "stands alone"],
    ["MAX(5,6)", 0, 'unknown function "MAX"'],
    ["IF({DBInstanceVCPU},1,2)", 0, "Oracle"],
    ["log({DBInstanceVCPU})", 0, "inside braces"],
    ["{log(DBInstanceVCPU*0)*5}", 5, "not above 0"],
    ["{DBInstanceVCPU} > 2", 17, "after the end"],
    ["{DBInstanceClassMemory*9000000}", 0, "too large"],
    ["\u0007", 0, '"\\u0007"'],
  ])("refuses %j at position %i", (text, position, problem) => {
    const error = thrownBy(() => evaluateParameterFormula(text, of8Gib));
    expect(error).toBeInstanceOf(ParameterFormulaError);
    expect(error).toMatchObject({ name: "ParameterFormulaError", position });
    expect((error as Error).message).toContain(problem);
  });

  it("refuses nesting and length without limit, before they could exhaust the stack", () => {
    const nested = (depth: number) => `${"SUM(".repeat(depth)}1${")".repeat(depth)}`;
    expect(evaluateParameterFormula(nested(32), {})).toBe(1);
    expect(() => evaluateParameterFormula(nested(33), {})).toThrow("nested deeper");
    expect(() => evaluateParameterFormula(nested(100_000), {})).toThrow("too long");
    expect(() => evaluateParameterFormula("9".repeat(3000), {})).toThrow("too long");
  });

  it("refuses variables that hold no finite number, and drops the fraction of those that do", () => {
    expect(() => evaluateParameterFormula("{A}", { A: Number.NaN })).toThrow(ParameterFormulaError);
    expect(() => evaluateParameterFormula("{A}", { A: Number.POSITIVE_INFINITY })).toThrow(
      ParameterFormulaError,
    );
    expect(evaluateParameterFormula("{A*2}", { A: 3.9 })).toBe(6);
  });

  it("answers any text with a whole number or with an error of one line and a position within the text", () => {
    const pieces = fc.constantFrom(
      "LEAST(",
      "{",
      "${",
      "}",
      ")",
      "A",
      "log(",
      "*",
      "/",
      "0",
      "12",
      ".",
      ",",
      "-",
      " ",
      "\n",
      "é",
      "😀",
    );
    const texts = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(pieces, { maxLength: 30 }).map((all) => all.join("")),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const result = thrownBy(() => {
          expect(Number.isSafeInteger(evaluateParameterFormula(text, { A: 5 }))).toBe(true);
        });
        if (result === undefined) return;
        expect(result).toBeInstanceOf(ParameterFormulaError);
        const { message, position } = result as ParameterFormulaError;
        expect(message).not.toMatch(/[\n\r]/);
        expect(position >= 0 && position <= text.length).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it("agrees with an independent evaluation of generated formulas", () => {
    fc.assert(
      fc.property(formulas, variables, ({ text, value }, values) => {
        expect(evaluateParameterFormula(text, values)).toBe(value(values));
      }),
      { numRuns: 500 },
    );
  });

  it("reproduces every provisioned row of AWS's table of Aurora MySQL limits", () => {
    const formula =
      "GREATEST({log(DBInstanceClassMemory/805306368)*45},{log(DBInstanceClassMemory/8187281408)*1000})";
    const rows = readFileSync(path.join(__dirname, "auroraDefaultMaxConnections.csv"), "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split(","))
      .filter(([engine]) => engine === "aurora-mysql");
    expect(rows).toHaveLength(49);
    for (const [, name = "", published] of rows) {
      const memory = findInstanceClass(name)?.memoryBytes ?? 0;
      expect(`${name} ${evaluateParameterFormula(formula, { DBInstanceClassMemory: memory })}`).toBe(
        `${name} ${published}`,
      );
    }
  });
});

interface Generated {
  readonly text: string;
  readonly value: (variables: Record<string, number>) => number;
}

const variables = fc.record({
  Memory: fc.integer({ min: 1, max: 2 ** 42 }),
  CPU: fc.integer({ min: 1, max: 192 }),
});
const names = fc.constantFrom("Memory", "CPU");
const factor = fc.integer({ min: 1, max: 1000 });

const { formula: formulas } = fc.letrec<{ formula: Generated }>((tie) => ({
  formula: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.integer({ min: -1e6, max: 1e6 }).map((n): Generated => ({ text: `${n}`, value: () => n })),
    fc.tuple(names, factor).map(
      ([name, n]): Generated => ({
        text: `{${name}/${n}}`,
        value: (all) => Math.floor((all[name] ?? 0) / n),
      }),
    ),
    fc.tuple(names, factor, factor).map(
      ([name, n, m]): Generated => ({
        text: `\${ ${name} * ${n} / ${m} }`,
        value: (all) => Math.floor(((all[name] ?? 0) * n) / m),
      }),
    ),
    fc
      .tuple(
        fc.constantFrom("least", "GREATEST", "Sum"),
        fc.array(tie("formula"), { minLength: 1, maxLength: 3 }),
      )
      .map(
        ([name, members]): Generated => ({
          text: `${name}(${members.map(({ text }) => text).join(", ")})`,
          value: (all) => {
            const values = members.map((member) => member.value(all));
            if (name === "least") return Math.min(...values);
            return name === "Sum" ? values.reduce((a, b) => a + b, 0) : Math.max(...values);
          },
        }),
      ),
  ),
}));

function thrownBy(action: () => void): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
