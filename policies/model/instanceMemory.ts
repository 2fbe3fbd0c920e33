import { nonNegative } from "./check";

const GIB = 2 ** 30;

/**
 * A lower bound of the formula variable `DBInstanceClassMemory`, in bytes, for a class with `memoryBytes`.
 *
 * AWS takes an amount it does not publish from the class's memory, for the operating system and its own processes
 * (Amazon RDS User Guide, USER_ParamValuesRef). The shares left are lower bounds of what people measured with
 * `SHOW max_connections`; the one at 1 GiB is taken over from MySQL, since nobody published a PostgreSQL number.
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
