import type { StackConfig } from "../../../infra/config/stackConfig";
import { InputError } from "../../../policies/kit/errors";

import type { Generate } from "../scenario";
import { metricKey, minuteOf, type Trace, type TraceSeries } from "../trace";
import { catalogue, type GeneratedMetric, type Moment } from "./catalogue";
import { burstEvents, type Minute, minutesOf, random, type ScheduledEvent, shareAt } from "./schedule";
import { minuteOfService, serviceModel } from "./service";

/** A minute's load differs from what the time of day says by about this share. */
const LOAD_SPREAD = 0.05;
/** Of so many minutes one is missing, for each metric on its own: CloudWatch promises no more. */
const MINUTES_PER_GAP = 4000;

/**
 * What would have been reported to CloudWatch while a stack with these settings lived through what a scenario describes: the
 * capacity model of each minute, with seeded noise. Nothing in it knows of alarms.
 * @param origin Named in messages: the scenario's file.
 * @throws InputError for an event outside the trace.
 */
export function generateTrace(generate: Generate, settings: StackConfig, origin: string): Trace {
  const { minutes, seed, rhythm } = generate;
  const startsAt = new Date(generate.startsAt);
  const model = serviceModel(settings);
  const load = random(`${seed}/load`);
  const bursts = generate.bursts ? burstEvents(generate.bursts, minutes, random(`${seed}/bursts`)) : [];
  const schedule = minutesOf(minutes, [...scheduledEvents(generate, origin), ...bursts]);
  const moments = schedule.map(({ world }, minute) => {
    const time = new Date(startsAt.getTime() + minute * 60_000);
    const usual = model.peakRequestsPerSecond * shareAt(rhythm, time) * world.loadFactor;
    const offered =
      (world.requestsPerSecond > 0 ? world.requestsPerSecond : usual) * load.factor(LOAD_SPREAD);
    return { model, world, service: minuteOfService(model, world, offered), minute };
  });
  return {
    startsAt: startsAt.toISOString(),
    periodSeconds: 60,
    series: catalogue(settings.connection).flatMap((metric) => seriesOf(metric, moments, schedule, seed)),
  };
}

const MINUTES = { hour: 60, day: 24 * 60, week: 7 * 24 * 60 } as const;

function scheduledEvents(generate: Generate, origin: string): readonly ScheduledEvent[] {
  return generate.events.map(({ at, title, minutes, ramp, every, effects, silences, overrides }) => {
    const fromMinute = minuteOf(at, generate) ?? -1;
    if (fromMinute < 0 || fromMinute >= generate.minutes) {
      throw new InputError(`${origin}: "${title}" is at ${at}, outside the trace`);
    }
    return {
      fromMinute,
      minutes: minutes ?? generate.minutes,
      rampMinutes: ramp,
      everyMinutes: every && MINUTES[every],
      effects,
      silences,
      overrides,
    };
  });
}

function seriesOf(
  metric: GeneratedMetric,
  moments: readonly Omit<Moment, "random">[],
  schedule: readonly Minute[],
  seed: string,
): readonly TraceSeries[] {
  const { namespace, metric: name, dimensions, statistics } = metric;
  const own = random(`${seed}/${metricKey(metric)}`);
  const gaps = random(`${seed}/gaps/${metricKey(metric)}`);
  const values = statistics.map((): (number | null)[] => []);
  for (const [index, moment] of moments.entries()) {
    const reported = metric.of({ ...moment, random: own });
    const isSilent = gaps.uniform() < 1 / MINUTES_PER_GAP || isSilenced(schedule[index], namespace, name);
    const override = schedule[index]?.overrides[`${namespace} ${name}`];
    for (const [column, series] of values.entries()) {
      const value = statistics[column] === "SampleCount" ? reported[column] : (override ?? reported[column]);
      series.push(isSilent ? null : (value ?? null));
    }
  }
  const named = (statistic: string, column: number): TraceSeries => ({
    namespace,
    metric: name,
    dimensions,
    statistic,
    values: values[column] ?? [],
  });
  return [...statistics.map(named), ...(metric.alike ?? []).map((statistic) => named(statistic, 0))];
}

function isSilenced(minute: Minute | undefined, namespace: string, metric: string): boolean {
  return minute?.silences.some((name) => name === namespace || name === `${namespace} ${metric}`) === true;
}
