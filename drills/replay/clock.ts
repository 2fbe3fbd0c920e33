const MINUTES_A_DAY = 24 * 60;

/**
 * Minutes from the start of a trace to a time of day: `02:15` on the first day, `day 3 02:15` on the third. `undefined`
 * for a text that is no such time.
 */
export function minuteOf(text: string, startsAt: Date): number | undefined {
  const [, day = "1", hour, minute] = /^(?:day (\d{1,3}) )?([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  if (hour === undefined || minute === undefined) return undefined;
  const midnight = Date.UTC(startsAt.getUTCFullYear(), startsAt.getUTCMonth(), startsAt.getUTCDate());
  const sinceMidnight = (Number(day) - 1) * MINUTES_A_DAY + Number(hour) * 60 + Number(minute);
  return sinceMidnight - (startsAt.getTime() - midnight) / 60_000;
}

/** A time of the trace as people write it: `02:15`, with the day before it where it is not the first. */
export function clockTime(seconds: number, startsAt: Date): string {
  const time = new Date(startsAt.getTime() + seconds * 1000);
  const midnight = Date.UTC(startsAt.getUTCFullYear(), startsAt.getUTCMonth(), startsAt.getUTCDate());
  const day = Math.floor((time.getTime() - midnight) / (MINUTES_A_DAY * 60_000)) + 1;
  const clock = time.toISOString().slice(11, 16);
  return day === 1 ? clock : `day ${day} ${clock}`;
}
