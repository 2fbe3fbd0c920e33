import { ACU_BYTES, type ServerlessCapacity } from "./auroraLimits";
import { findInstanceClass } from "./instanceClasses";

/** What a database runs on, as far as parameter formulas ask for it. */
export interface Hardware {
  /** For messages: `db.m7g.large`, or `db.serverless at 16 ACU`. */
  readonly name: string;
  /** The whole memory; `DBInstanceClassMemory` is less. */
  readonly memoryBytes: number;
  readonly vcpus: number | undefined;
}

export interface HardwareInput {
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
