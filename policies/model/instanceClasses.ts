import { editDistance } from "../kit/text";
import { nonNegative } from "./check";
import { type DatabaseEngine, isPostgres } from "./engines";
import { type FormulaVariables, formulaVariables, ParameterFormulaError } from "./formulas";
import data from "./instanceClasses.data.json";

/** An RDS instance class. Sources are recorded in `instanceClasses.data.json`. */
export interface InstanceClass {
  /** Such as `db.m7g.large`. */
  readonly name: string;
  /** `undefined` where no source has it. */
  readonly vcpus: number | undefined;
  /** The whole memory of the class; `DBInstanceClassMemory` is less. */
  readonly memoryBytes: number;
  /** Engines of the model that AWS offers on it in at least one Region; none for classes of other engines alone. */
  readonly engines: readonly string[];
  readonly previousGeneration: boolean;
}

type Row = readonly [vcpus: number | null, memoryMib: number, engineSet: number, previousGeneration?: 1];

const classes = data.classes as unknown as { readonly [name: string]: Row };
const MIB = 1024 * 1024;

/** What the table of classes was made from, and when (`npm run tables:rds` makes it anew). */
export const CLASS_TABLE = { date: data.date, source: data.source } as const;

/** The class of that exact name, or `undefined`: newer than the table, or mistyped. */
export function findInstanceClass(name: string): InstanceClass | undefined {
  const row = Object.hasOwn(classes, name) ? classes[name] : undefined;
  if (row === undefined) return undefined;
  const [vcpus, memoryMib, engineSet, previousGeneration] = row;
  return {
    name,
    vcpus: vcpus ?? undefined,
    memoryBytes: memoryMib * MIB,
    engines: data.engineSets[engineSet] ?? [],
    previousGeneration: previousGeneration === 1,
  };
}

/** Classes of one family (`db.m7g`), smallest memory first; none for a family that is not in the table. */
export function instanceClassFamily(family: string): InstanceClass[] {
  return Object.keys(classes)
    .filter((name) => name.startsWith(`${family}.`))
    .flatMap((name) => findInstanceClass(name) ?? [])
    .sort((a, b) => a.memoryBytes - b.memoryBytes);
}

/** Up to `count` names that a mistyped one may have meant, likeliest first; none when nothing is near. */
export function similarInstanceClasses(name: string, count = 3): string[] {
  const lower = name.trim().toLowerCase().slice(0, 40);
  const typed = lower.startsWith("db.") ? lower : `db.${lower}`;
  const nearEnough = Math.max(2, Math.floor(typed.length / 4));
  return Object.keys(classes)
    .map((candidate) => ({ candidate, distance: editDistance(typed, candidate) }))
    .filter(({ distance }) => distance <= nearEnough)
    .sort((a, b) => a.distance - b.distance || a.candidate.localeCompare(b.candidate, "en"))
    .slice(0, count)
    .map(({ candidate }) => candidate);
}

const GIB = 2 ** 30;

/**
 * A lower bound of the formula variable `DBInstanceClassMemory`, in bytes, for a class with `memoryBytes`.
 *
 * AWS takes an amount it does not publish from the class's memory, for the operating system and its own processes
 * (Amazon RDS User Guide, USER_ParamValuesRef). The shares left are lower bounds of what people measured with
 * `SHOW max_connections`; the one at 1 GiB is taken over from MySQL, since no PostgreSQL number is published. So a
 * db.m7g.large counts with 793 connections, and has 832 (mitodl/ol-infrastructure, pull request 5427); a db.t4g.small
 * counts with 180, and has 181 (kirill-markin/flashcards-open-source-app, pull request 1657).
 */
export function lowestInstanceClassMemory(memoryBytes: number): number {
  return Math.floor(nonNegative("memoryBytes", memoryBytes) * lowestMemoryShare(memoryBytes));
}

/**
 * The share of the class's memory that is certainly left: 0.70 from 1 GiB, 0.80 from 2 GiB, 0.89 at 4 GiB, 0.88
 * above. Between two measured sizes the lower of their shares holds. Below 1 GiB the same *amount* is withheld as
 * at 1 GiB (0.30 GiB), a rising share of what there is.
 */
export function lowestMemoryShare(memoryBytes: number): number {
  const gib = nonNegative("memoryBytes", memoryBytes) / GIB;
  if (gib < 1) return gib <= 0.3 ? 0 : 1 - 0.3 / gib;
  if (gib < 2) return 0.7;
  if (gib < 4) return 0.8;
  return gib === 4 ? 0.89 : 0.88;
}

/** Formula variables of RDS (USER_ParamValuesRef), without Oracle's; names are case-sensitive. */
const RDS_VARIABLES = [
  "AllocatedStorage",
  "DBInstanceClassMemory",
  "DBInstanceVCPU",
  "EndPointPort",
] as const;

export type RdsVariable = (typeof RDS_VARIABLES)[number];

/**
 * The variables a formula uses, each of which RDS has.
 * @throws ParameterFormulaError for malformed text and at the first variable that RDS does not have.
 */
export function rdsVariablesOf(text: string): RdsVariable[] {
  return formulaVariables(text).map(({ name, position }) => {
    const known = RDS_VARIABLES.find((variable) => variable === name);
    if (known !== undefined) return known;
    throw new ParameterFormulaError(
      `unknown variable "${name}"; known: ${RDS_VARIABLES.join(", ")}`,
      position,
    );
  });
}

/**
 * What is known of the variables for an instance on that hardware; a value that is not known is left out.
 * `DBInstanceClassMemory` is the whole memory, which is more than any instance has.
 */
export function classVariables(
  found: Hardware,
  instance: { readonly allocatedStorageGib?: number | undefined; readonly port?: number | undefined },
): FormulaVariables {
  const { allocatedStorageGib, port } = instance;
  return {
    DBInstanceClassMemory: found.memoryBytes,
    ...(found.vcpus === undefined ? {} : { DBInstanceVCPU: found.vcpus }),
    ...(allocatedStorageGib === undefined ? {} : { AllocatedStorage: allocatedStorageGib * 2 ** 30 }),
    ...(port === undefined ? {} : { EndPointPort: port }),
  };
}

/** What a database runs on, as far as parameter formulas ask for it. */
export interface Hardware {
  /** For messages: `db.m7g.large`, or `db.serverless at 16 ACU`. */
  readonly name: string;
  /** The whole memory; `DBInstanceClassMemory` is less. */
  readonly memoryBytes: number;
  readonly vcpus: number | undefined;
}

interface HardwareInput {
  readonly instanceClass?: string | undefined;
  readonly serverless?: ServerlessCapacity | undefined;
}

/**
 * The hardware of an instance class, or of a serverless instance at its maximum capacity, from which Aurora derives
 * its limits. `undefined` for a class that is not given or not in the table.
 */
export function hardwareOf({ instanceClass, serverless }: HardwareInput): Hardware | undefined {
  if (serverless !== undefined) {
    const { maxAcu } = serverless;
    return { name: `db.serverless at ${maxAcu} ACU`, memoryBytes: maxAcu * ACU_BYTES, vcpus: undefined };
  }
  return instanceClass === undefined ? undefined : findInstanceClass(instanceClass);
}

/**
 * Memory that AWS itself reckons with for each connection, in bytes: the divisors of RDS's default formulas
 * (Amazon RDS User Guide, CHAP_Limits). A PostgreSQL connection is a process with caches of its own, of 5 to 10 MB
 * in use beside shared buffers; MariaDB's own divisor is twice MySQL's and keeps room for its larger buffers, so
 * MySQL's, the lower one, says what cannot fit. Aurora MySQL's default grows by a logarithm, which says what is
 * sensible and not what fits; MySQL's stands in.
 */
const BYTES_PER_CONNECTION = { postgres: 9_531_392, mysql: 12_582_880 } as const;

/**
 * Up to this many times the connections that AWS reckons with, all of them idle may still fit; beyond, even idle ones do
 * not. Measured on PostgreSQL 17.10 (x86-64, 100 sessions, private memory of each, median): 1.04 MiB just connected, 2.2
 * MiB after 60 prepared statements, and 0.05 MiB of shared memory for each slot of `max_connections`. AWS's divisor is
 * 9.1 MiB of the class's whole memory; of half of that, 4.5 MiB, shared buffers take a quarter and the operating system
 * up to 12 % (`lowestMemoryShare`), which leaves 2.9 MiB: idle sessions with their plans, and no work memory at all.
 */
export const IDLE_CONNECTIONS_FACTOR = 2;

/**
 * The most connections that a class with `memoryBytes` can carry: what AWS would give it by default, without the
 * cap on that default. The whole memory counts, of which every instance has less, so that nothing is above it by
 * the doubt in an estimate alone.
 *
 * A limit set by hand stays where it is when the class shrinks: Buildkite's database did not take logins after it
 * was moved to a smaller class (post-mortem of 23 August 2016).
 */
export function connectionsForMemory(engine: DatabaseEngine, memoryBytes: number): number {
  return Math.floor(memoryBytes / bytesPerConnection(engine));
}

/** Memory of the smallest class that carries this many connections, in bytes. */
export function memoryForConnections(engine: DatabaseEngine, connections: number): number {
  return connections * bytesPerConnection(engine);
}

const bytesPerConnection = (engine: DatabaseEngine): number =>
  isPostgres(engine) ? BYTES_PER_CONNECTION.postgres : BYTES_PER_CONNECTION.mysql;

/** Bounds of Aurora Serverless v2, in ACU; one that is not known counts as the one that gives the lower limit. */
export interface ServerlessCapacity {
  readonly minAcu?: number | undefined;
  readonly maxAcu: number;
}

/** Memory that comes with one Aurora capacity unit, approximately (Aurora User Guide, aurora-serverless-v2). */
export const ACU_BYTES = 2 * 2 ** 30;
