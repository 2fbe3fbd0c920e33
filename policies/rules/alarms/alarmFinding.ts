import type { AlarmReading } from "../../plan/alarmReading";
import type { Violation } from "../rule";

/** A violation of one alarm, without numbers unless given. */
export const alarmFinding = (
  { resource }: Pick<AlarmReading, "resource">,
  text: string,
  fix: string,
  numbers: Partial<Pick<Violation, "observed" | "allowed" | "unit">> = {},
): Violation => ({
  resource: resource.urn,
  text,
  fix,
  observed: null,
  allowed: null,
  unit: null,
  ...numbers,
});
