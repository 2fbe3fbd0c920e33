import { type Reading, unknown } from "../plan/reading";

/** A number the model cannot carry (1e300 tasks) becomes unknown. */
export function computed<T>(property: string, compute: () => Reading<T>): Reading<T> {
  return withinModel(compute, ({ message }) => unknown(property, message));
}

/** The model's answer, or the one for numbers that it refuses with a `RangeError`. */
export function withinModel<T, U>(compute: () => T, refused: (error: RangeError) => U): T | U {
  try {
    return compute();
  } catch (error) {
    if (error instanceof RangeError) return refused(error);
    throw error;
  }
}
