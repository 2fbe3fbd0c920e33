/** The least whole number from `low` to `high` for which `holds`, given that it then holds for all above it. */
export function smallest(low: number, high: number, holds: (value: number) => boolean): number | null {
  if (low > high || !holds(high)) return null;
  let [failing, holding] = [low - 1, high];
  while (holding - failing > 1) {
    const middle = Math.floor((failing + holding) / 2);
    if (holds(middle)) holding = middle;
    else failing = middle;
  }
  return holding;
}

/** The greatest whole number from `low` to `high` for which `holds`, given that it then holds for all below it. */
export function largest(low: number, high: number, holds: (value: number) => boolean): number | null {
  const mirrored = smallest(-high, -low, (value) => holds(-value));
  // Zero has no sign in a report.
  return mirrored === null ? null : 0 - mirrored;
}
