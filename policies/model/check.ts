/** Returns `value` when it is a whole number of at least `least`; throws a `RangeError` that names it otherwise. */
export function wholeNumber(name: string, value: number, least = 0): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new RangeError(`${name} must be a whole number of at least ${least}, not ${value}`);
}

/** Returns `value` when it is a finite number of 0 or more; throws a `RangeError` that names it otherwise. */
export function nonNegative(name: string, value: number): number {
  if (Number.isFinite(value) && value >= 0) return value;
  throw new RangeError(`${name} must be a finite number of 0 or more, not ${value}`);
}

/** Returns `value` when 0 < value ≤ `most`; throws a `RangeError` that names it otherwise. */
export function positive(name: string, value: number, most = Number.MAX_VALUE): number {
  if (value > 0 && value <= most) return value;
  const limit = most === Number.MAX_VALUE ? "a finite number above 0" : `above 0 and at most ${most}`;
  throw new RangeError(`${name} must be ${limit}, not ${value}`);
}
