import type { Settings } from "../../../infra/config/settings";
import { metricKey, type Trace, type TraceSeries } from "../trace";
import { catalogue, type GeneratedMetric, type Moment } from "./catalogue";
import { minuteOfService } from "./minuteOfService";
import { random } from "./random";
import {
  type Bursts,
  burstEvents,
  type Minute,
  minutesOf,
  type Rhythm,
  type ScheduledEvent,
  shareAt,
} from "./schedule";
import { serviceModel } from "./serviceModel";

export interface GenerateInput {
  readonly settings: Settings;
  readonly startsAt: Date;
  readonly minutes: number;
  readonly seed: string;
  readonly rhythm: Rhythm;
  readonly bursts?: Bursts | undefined;
  readonly events: readonly ScheduledEvent[];
}

/** A minute's load differs from what the time of day says by about this share. */
const LOAD_SPREAD = 0.05;
/** Of so many minutes one is missing, for each metric on its own: CloudWatch promises no more. */
const MINUTES_TO_A_GAP = 4000;

/**
 * What CloudWatch would have been told while a stack lived through a schedule: the capacity model of each minute, with
 * seeded noise. Nothing in it knows of alarms.
 */
export function generateTrace(input: GenerateInput): Trace {
  const model = serviceModel(input.settings);
  const load = random(`${input.seed}/load`);
  const bursts = input.bursts ? burstEvents(input.bursts, input.minutes, random(`${input.seed}/bursts`)) : [];
  const schedule = minutesOf(input.minutes, [...input.events, ...bursts]);
  const moments = schedule.map(({ world }, minute) => {
    const time = new Date(input.startsAt.getTime() + minute * 60_000);
    const usual = model.peakRequestsPerSecond * shareAt(input.rhythm, time) * world.loadFactor;
    const offered =
      (world.requestsPerSecond > 0 ? world.requestsPerSecond : usual) * load.factor(LOAD_SPREAD);
    return { model, world, service: minuteOfService(model, world, offered), minute };
  });
  return {
    startsAt: input.startsAt.toISOString(),
    periodSeconds: 60,
    series: catalogue(input.settings.connection).flatMap((metric) =>
      seriesOf(metric, moments, schedule, input.seed),
    ),
  };
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
    const silent = gaps.uniform() < 1 / MINUTES_TO_A_GAP || isSilenced(schedule[index], namespace, name);
    const override = schedule[index]?.overrides[`${namespace} ${name}`];
    for (const [column, series] of values.entries()) {
      const value = statistics[column] === "SampleCount" ? reported[column] : (override ?? reported[column]);
      series.push(silent ? null : (value ?? null));
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
