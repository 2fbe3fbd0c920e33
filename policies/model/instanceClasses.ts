import data from "./instanceClasses.data.json";
import { editDistance } from "./nearestName";

/** An RDS instance class. Sources are recorded in `instanceClasses.data.json`. */
export interface InstanceClass {
  /** Such as `db.m7g.large`. */
  readonly name: string;
  /** `undefined` where no source has it (m9g). */
  readonly vcpus: number | undefined;
  /** The whole memory of the class; `DBInstanceClassMemory` is less. */
  readonly memoryBytes: number;
  /** Engines found offered on it. MariaDB is in none of the sources and never listed. */
  readonly engines: readonly string[];
  readonly previousGeneration: boolean;
}

type Row = readonly [vcpus: number | null, memoryMib: number, engineSet: number, previousGeneration?: 1];

const classes = data.classes as unknown as { readonly [name: string]: Row };
const MIB = 1024 * 1024;

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
