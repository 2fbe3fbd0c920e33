import { readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluateParameterFormula, ParameterFormulaError } from "../../../policies/model/formulas";
import { findInstanceClass } from "../../../policies/model/instanceClasses";

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
