import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alarmOf } from "../../../drills/replay/alarm";
import { simulate } from "../../../drills/replay/simulate";
import { type Minute, SITUATIONS, traceOf, WELL } from "./situations";
import { alarmsOf } from "./stackAlarms";

const alarms = alarmsOf("prod").map((spec) => alarmOf(spec, "prod"));
const roles = new Map(alarms.map(({ id, role }) => [id, role]));
const pages = new Set(alarms.filter(({ severity }) => severity === "page").map(({ id }) => id));

const SILENT: Minute = {};
const BEFORE = 20;
const AFTER = 20;

/** Who is paged for what over a trace, in order; seconds from the first bad minute. */
function pagesIn(minutes: readonly Minute[], phases: readonly number[] = [], extraPeriods = 2) {
  const phaseOf = new Map(
    alarms.map(({ id }, index) => [id, phases[index % Math.max(1, phases.length)] ?? 0]),
  );
  const { actions } = simulate(alarms, traceOf(minutes), {
    ingestionDelaySeconds: 60,
    extraPeriods,
    phaseSeconds: (id) => phaseOf.get(id) ?? 0,
  });
  return actions
    .filter(({ alarm, state }) => state === "ALARM" && pages.has(alarm))
    .map(({ alarm, atSeconds }) => ({ alarm, role: roles.get(alarm), after: atSeconds - 60 * BEFORE }));
}

const during = (minute: Minute, length: number): readonly Minute[] => [
  ...Array<Minute>(BEFORE).fill(WELL),
  ...Array<Minute>(length).fill({ ...WELL, ...minute }),
  ...Array<Minute>(AFTER).fill(WELL),
];

/** Seconds of the minute at which each alarm is evaluated: nobody knows them. */
const anyPhases = fc.array(fc.integer({ min: 0, max: 59 }), { minLength: 7, maxLength: 37 });
const anyRange = fc.integer({ min: 0, max: 5 });

describe("from the first bad minute to the last", () => {
  it.each(SITUATIONS)("$name is paged as $cause, once, within five minutes, and nothing else is", ({
    cause,
    minute,
  }) => {
    fc.assert(
      fc.property(anyPhases, anyRange, fc.integer({ min: 5, max: 20 }), (phases, range, length) => {
        const paged = pagesIn(during(minute, length), phases, range);
        expect(paged.map(({ alarm }) => alarm)).toEqual([cause]);
        expect(paged[0]?.after).toBeLessThanOrEqual(300);
      }),
      { numRuns: 25 },
    );
  });

  it.each(SITUATIONS)("$name names no other cause where RDS reports a minute later than the tasks", ({
    cause,
    minute,
  }) => {
    const late = during(minute, 15).map((now, index, all): Minute => {
      const earlier = all[index - 1] ?? now;
      return {
        ...now,
        connections: earlier.connections,
        loadCpu: earlier.loadCpu,
        loadNonCpu: earlier.loadNonCpu,
        lockWaits: earlier.lockWaits,
        cpu: earlier.cpu,
        refused: earlier.refused,
        endedIdle: earlier.endedIdle,
      };
    });
    const causes = pagesIn(late).filter(({ role }) => role === "cause");
    expect(causes.map(({ alarm }) => alarm)).toEqual([cause]);
  });

  it.each(
    SITUATIONS,
  )("$name is not paged as anything else when all metrics are missing for ten minutes in it", ({
    cause,
    minute,
  }) => {
    fc.assert(
      fc.property(anyPhases, anyRange, fc.integer({ min: 0, max: 10 }), (phases, range, from) => {
        const minutes = during(minute, 25).map((now, index) =>
          index >= BEFORE + from && index < BEFORE + from + 10 ? SILENT : now,
        );
        const causes = pagesIn(minutes, phases, range).filter(({ role }) => role === "cause");
        expect(new Set(causes.map(({ alarm }) => alarm))).toEqual(new Set([cause]));
      }),
      { numRuns: 25 },
    );
  });

  it.each(SITUATIONS)("$name is heard again as a symptom after half an hour, and until then not", ({
    minute,
  }) => {
    const symptoms = pagesIn(during(minute, 60)).filter(({ role }) => role === "symptom");
    expect(symptoms.map(({ alarm }) => alarm)).toEqual(["login-failures"]);
    expect(symptoms[0]?.after).toBeGreaterThan(25 * 60);
    expect(symptoms[0]?.after).toBeLessThan(32 * 60);
  });

  it("pages a symptom that no cause explains, two minutes after it is known", () => {
    const paged = pagesIn(during({ targetErrors: 9000 }, 15));
    expect(paged.map(({ alarm }) => alarm)).toEqual(["login-failures"]);
    // Three bad minutes, one for CloudWatch, two of patience.
    expect(paged[0]?.after).toBe(6 * 60);
  });

  it("pages nobody for two bad minutes of anything, nor for a gap on a good day", () => {
    for (const { name, cause, minute } of SITUATIONS) {
      const paged = pagesIn(during(minute, 2)).map(({ alarm }) => alarm);
      // Connections that run out are told before it hurts.
      expect([name, paged]).toEqual([name, cause === "connections-exhausted" ? [cause] : []]);
    }
    expect(pagesIn(during(WELL, 10).map((now, index) => (index > 20 && index < 31 ? SILENT : now)))).toEqual(
      [],
    );
  });
});
