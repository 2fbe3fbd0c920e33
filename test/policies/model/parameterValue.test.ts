import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allowedValues, lookUpParameter, valueProblem } from "../../../policies/model/parameters";

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
