import data from "./auroraLimits.data.json";
import { type AuroraEngine, type DatabaseEngine, engineLimits, isAurora } from "./engines";
import { evaluateParameterFormula, type FormulaVariables, ParameterFormulaError } from "./formulas";
import type { ServerlessCapacity } from "./instanceClasses";
import {
  ACU_BYTES,
  classVariables,
  type Hardware,
  hardwareOf,
  lowestInstanceClassMemory,
  lowestMemoryShare,
  type RdsVariable,
  rdsVariablesOf,
  similarInstanceClasses,
} from "./instanceClasses";

export interface ConnectionLimitInput {
  readonly engine: DatabaseEngine;
  readonly engineVersion?: string | undefined;
  /** Such as `db.m7g.large`; needed only where a formula asks for its memory or vCPUs. */
  readonly instanceClass?: string | undefined;
  /** Bounds of an Aurora Serverless v2 instance, whose class is `db.serverless`. */
  readonly serverless?: ServerlessCapacity | undefined;
  /** `max_connections` in the parameter group, as its text; `undefined` when the group does not set it. */
  readonly parameterValue?: string | undefined;
  /** Whether the group's value cannot be seen, so that only a confirmed number can tell. @default false */
  readonly isHidden?: boolean | undefined;
  /** From `SHOW max_connections`. */
  readonly confirmedMaxConnections?: number | undefined;
  /** For formulas that use `AllocatedStorage`. */
  readonly allocatedStorageGib?: number | undefined;
  /** For formulas that use `EndPointPort`. */
  readonly port?: number | undefined;
}

export interface ConnectionLimit {
  /** What to count on: exact when explicit or confirmed, a lower bound when estimated. */
  readonly maxConnections: number;
  readonly source: "explicit" | "estimated" | "confirmed";
  /** What an estimate rests on: the class's memory, AWS's table for Aurora, or the row of it below the capacity. */
  readonly basis: "memory" | "table" | "row-below" | undefined;
  /** The text it came from: the parameter's value, or the engine's default formula. */
  readonly text: string;
  readonly textFrom: "parameter-group" | "engine-default" | "confirmed";
  /** What no instance exceeds: the text on the class's whole memory, or AWS's table; `undefined` without a known class. */
  readonly upperBound: number | undefined;
  /** Share of the class's memory that the estimate counts on; `undefined` unless estimated from memory. */
  readonly memoryShare: number | undefined;
  readonly allowed: { readonly min: number; readonly max: number };
}

export interface ConnectionLimitProblem {
  readonly code:
    | "malformed-formula"
    /** The group, the class, or a value the formula needs besides, is not known: no mistake, but nothing can be said. */
    | "value-missing"
    | "unknown-class"
    | "out-of-range"
    | "confirmed-impossible";
  /** One line: what is wrong and what would be right. */
  readonly message: string;
  /** Offset into `text` for a formula, from 0. */
  readonly position: number | undefined;
  readonly text: string;
  readonly allowed: { readonly min: number; readonly max: number };
}

type ConnectionLimitResult =
  | { readonly ok: true; readonly limit: ConnectionLimit }
  | { readonly ok: false; readonly problem: ConnectionLimitProblem };

/**
 * The `max_connections` a database will have.
 *
 * A value that does not depend on the class (a whole number, or a formula of whole numbers) is explicit and wins
 * over `confirmedMaxConnections`: it is what the deployment sets, while the confirmed number was measured before.
 * Otherwise the confirmed number replaces the estimate, unless it is more than the class could have at all.
 * Aurora's default comes from AWS's table where it has the class (or the capacity), and from the formula elsewhere.
 */
export function connectionLimit(input: ConnectionLimitInput): ConnectionLimitResult {
  const { defaultFormula, allowed } = engineLimits(input.engine, input.engineVersion);
  const question: Question = {
    input,
    text: input.parameterValue ?? defaultFormula,
    textFrom: input.parameterValue === undefined ? "engine-default" : "parameter-group",
    allowed,
  };
  if (input.isHidden) return hiddenLimit(question);
  try {
    const variables = rdsVariablesOf(question.text);
    return variables.length === 0 ? explicitLimit(question) : limitOfClass(question, variables);
  } catch (error) {
    if (!(error instanceof ParameterFormulaError)) throw error;
    return refused(question, "malformed-formula", error.problem, error.position);
  }
}

interface Question {
  readonly input: ConnectionLimitInput;
  readonly text: string;
  readonly textFrom: ConnectionLimit["textFrom"];
  readonly allowed: ConnectionLimit["allowed"];
}

function hiddenLimit(question: Question): ConnectionLimitResult {
  const { confirmedMaxConnections: confirmed } = question.input;
  if (confirmed !== undefined) {
    return confirmedLimit(
      { ...question, text: String(confirmed), textFrom: "confirmed" },
      confirmed,
      undefined,
    );
  }
  return refused(question, "value-missing", "the value in the parameter group cannot be seen");
}

function explicitLimit(question: Question): ConnectionLimitResult {
  const value = evaluateParameterFormula(question.text, {});
  return inRange(question, {
    maxConnections: value,
    source: "explicit",
    basis: undefined,
    upperBound: value,
    memoryShare: undefined,
  });
}

function limitOfClass(question: Question, variables: readonly RdsVariable[]): ConnectionLimitResult {
  const { confirmedMaxConnections: confirmed, instanceClass: name } = question.input;
  const hardware = hardwareOf(question.input);
  const values = hardware && classVariables(hardware, question.input);
  const missing = variables.find((variable) => values?.[variable] === undefined);
  const table = tableLimit(question);
  const upperBound =
    table !== undefined
      ? table.upperBound
      : values === undefined || missing !== undefined
        ? undefined
        : evaluate(question, values);
  if (confirmed !== undefined) return confirmedLimit(question, confirmed, upperBound);
  if (table !== undefined) return tabulatedLimit(question, table);
  if (name === undefined && hardware === undefined) {
    return refused(question, "value-missing", "the formula needs the instance class, which is not known");
  }
  if (hardware === undefined) return refused(question, "unknown-class", unknownClass(name ?? ""));
  if (upperBound === undefined) {
    return refused(
      question,
      "value-missing",
      `the formula needs ${missing}, which is not known for ${hardware.name}`,
    );
  }
  return estimatedLimit(question, variables, hardware, upperBound);
}

/** What AWS's table says where it applies: to Aurora's default, whether the group repeats the formula or leaves it. */
function tableLimit({ input, text }: Question): TableLimit | undefined {
  const { engine, serverless, instanceClass } = input;
  if (!isAurora(engine) || withoutBlanks(text) !== withoutBlanks(engineLimits(engine).defaultFormula)) {
    return undefined;
  }
  if (serverless !== undefined) return serverlessLimit(engine, serverless);
  return instanceClass === undefined ? undefined : provisionedLimit(engine, instanceClass);
}

const withoutBlanks = (text: string): string => text.replace(/\s+/g, "").toLowerCase();

function tabulatedLimit(question: Question, table: TableLimit): ConnectionLimitResult {
  return inRange(question, {
    maxConnections: table.maxConnections,
    source: "estimated",
    basis: table.upperBound === table.maxConnections ? "table" : "row-below",
    upperBound: table.upperBound,
    memoryShare: undefined,
  });
}

function estimatedLimit(
  question: Question,
  variables: readonly RdsVariable[],
  { memoryBytes, ...hardware }: Hardware,
  upperBound: number,
): ConnectionLimitResult {
  const values = classVariables({ ...hardware, memoryBytes }, question.input);
  const lowestMemory = { DBInstanceClassMemory: lowestInstanceClassMemory(memoryBytes) };
  const usesMemory = variables.includes("DBInstanceClassMemory");
  return inRange(question, {
    maxConnections: evaluate(question, { ...values, ...lowestMemory }),
    source: "estimated",
    basis: usesMemory ? "memory" : undefined,
    upperBound,
    memoryShare: usesMemory ? lowestMemoryShare(memoryBytes) : undefined,
  });
}

function confirmedLimit(
  question: Question,
  confirmed: number,
  upperBound: number | undefined,
): ConnectionLimitResult {
  if (upperBound !== undefined && confirmed > upperBound) {
    const { name } = hardwareOf(question.input) ?? { name: question.input.instanceClass };
    const most = `the formula gives at most ${upperBound} on ${name}`;
    return refused(
      question,
      "confirmed-impossible",
      `${confirmed} was confirmed, but ${most}: measure it again`,
    );
  }
  return inRange(question, {
    maxConnections: confirmed,
    source: "confirmed",
    basis: undefined,
    upperBound,
    memoryShare: undefined,
  });
}

/** A default that exceeds the engine's maximum is cut to it by the server; a group's own value is a mistake. */
function evaluate(question: Question, values: FormulaVariables): number {
  const result = evaluateParameterFormula(question.text, values);
  return question.textFrom === "engine-default" ? Math.min(result, question.allowed.max) : result;
}

type Answer = Pick<ConnectionLimit, "maxConnections" | "source" | "basis" | "upperBound" | "memoryShare">;

function inRange(question: Question, answer: Answer): ConnectionLimitResult {
  const { text, textFrom, allowed } = question;
  const { maxConnections } = answer;
  if (Number.isInteger(maxConnections) && maxConnections >= allowed.min && maxConnections <= allowed.max) {
    return { ok: true, limit: { ...answer, text, textFrom, allowed } };
  }
  const range = `${allowed.min} to ${allowed.max}`;
  return refused(question, "out-of-range", `${maxConnections} is outside what RDS accepts, ${range}`);
}

function refused(
  question: Question,
  code: ConnectionLimitProblem["code"],
  message: string,
  position?: number,
): ConnectionLimitResult {
  const { text, allowed } = question;
  return { ok: false, problem: { code, message, position, text, allowed } };
}

function unknownClass(name: string): string {
  const similar = similarInstanceClasses(name);
  const advice = similar.length === 0 ? "" : `; did you mean ${similar.join(", ")}?`;
  return `${JSON.stringify(name)} is not an instance class the model knows${advice}`;
}

/** With a minimum of 0 or 0.5 ACU, Aurora PostgreSQL stops here, whatever the maximum (same guide, "Setting the capacity"). */
const POSTGRES_LOW_MINIMUM = { acu: 0.5, cap: 2000 } as const;

interface TableLimit {
  /** What AWS's table says; of the row below when the capacity lies between two of its rows. */
  readonly maxConnections: number;
  /** What the row at or above says; `undefined` above the last row where nothing else caps the limit. */
  readonly upperBound: number | undefined;
  /** Maximum capacity of the row that was used, in ACU; `undefined` for an instance class. */
  readonly rowAcu: number | undefined;
}

const provisioned: { readonly [engine in AuroraEngine]: { readonly [instanceClass: string]: number } } =
  data.provisioned;
const serverless = data.serverlessV2 as unknown as {
  readonly [engine in AuroraEngine]: readonly (readonly [acu: number, maxConnections: number])[];
};

/** Aurora's default `max_connections` of a class; `undefined` for a class that is not in AWS's table. */
export function provisionedLimit(engine: AuroraEngine, instanceClass: string): TableLimit | undefined {
  const table = provisioned[engine];
  const maxConnections = Object.hasOwn(table, instanceClass) ? table[instanceClass] : undefined;
  return maxConnections === undefined
    ? undefined
    : { maxConnections, upperBound: maxConnections, rowAcu: undefined };
}

/**
 * Aurora's default `max_connections` of a serverless instance, from its maximum capacity. AWS publishes rows for 1,
 * 4, 8, … 128 ACU: between two of them the lower one holds as a lower bound, and 128 holds above. On PostgreSQL the
 * default formula on the least memory that is certain holds too, and is the higher bound between most rows: 401 at 2
 * ACU, where the row below says 189. It is below every row that AWS publishes (180 ≤ 189, 793 ≤ 823, 1,586 ≤ 1,669,
 * 3,172 ≤ 3,360); on MySQL it is not (145 > 135 at 4 ACU), so there the row below stays.
 * `undefined` below 1 ACU, which is no maximum that AWS accepts.
 */
export function serverlessLimit(engine: AuroraEngine, capacity: ServerlessCapacity): TableLimit | undefined {
  const rows = serverless[engine];
  const below = rows.filter(([acu]) => acu <= capacity.maxAcu).at(-1);
  if (below === undefined) return undefined;
  const [rowAcu, maxConnections] = below;
  const upperBound = rows.find(([acu]) => acu >= capacity.maxAcu)?.[1];
  if (engine === "aurora-mysql") return { maxConnections, upperBound, rowAcu };
  const { acu, cap } = POSTGRES_LOW_MINIMUM;
  const most = (capacity.minAcu ?? 0) <= acu ? cap : Number.POSITIVE_INFINITY;
  // The last row is the cap of PostgreSQL's own formula, so nothing above it has more.
  const byFormula = evaluateParameterFormula(engineLimits(engine).defaultFormula, {
    DBInstanceClassMemory: lowestInstanceClassMemory(capacity.maxAcu * ACU_BYTES),
  });
  return {
    maxConnections: Math.min(Math.max(maxConnections, byFormula), most),
    upperBound: Math.min(
      upperBound ?? maxConnections,
      capacity.minAcu === undefined ? Number.POSITIVE_INFINITY : most,
    ),
    rowAcu,
  };
}
