import type { Alarm } from "./alarm";
import type { Unjudged } from "./alarmSet";
import { type Judgement, judge } from "./judge";
import { type Replay, type ReplayOptions, replay } from "./replay";
import type { Expectations } from "./scenario";
import type { Trace } from "./trace";
import { VARIANTS } from "./variants";

/** Everything that a scenario needs, read and generated. */
export interface ReadyScenario {
  readonly name: string;
  readonly about: string;
  readonly stack: string;
  readonly alarms: readonly Alarm[];
  /** Alarms of the file that cannot be replayed here; the verdict says nothing of them. */
  readonly unjudged: readonly Unjudged[];
  readonly trace: Trace;
  readonly events: readonly { readonly atSeconds: number; readonly title: string }[];
  readonly expected: Expectations | undefined;
  readonly options: ReplayOptions;
}

/** What CloudWatch made of it where AWS does not say how it works. */
export interface VariantResult {
  readonly name: string;
  readonly problems: readonly string[];
}

export interface ScenarioResult {
  readonly scenario: ReadyScenario;
  readonly replay: Replay;
  readonly judgement: Judgement;
  /** Variants under which the verdict is another one. */
  readonly differing: readonly VariantResult[];
}

/** Replays a scenario, judges it, and looks whether the verdict hangs on what AWS does not document. */
export function runScenario(scenario: ReadyScenario): ScenarioResult {
  const { alarms, trace, expected, options } = scenario;
  const result = replay(alarms, trace, options);
  const judgement = judge(alarms, result, trace, expected);
  const differing = VARIANTS.flatMap((variant): VariantResult[] => {
    const changed = variant.trace(trace);
    const other = judge(alarms, replay(alarms, changed, { ...options, ...variant.options }), trace, expected);
    const same =
      other.passed === judgement.passed && other.pages.map(idOf).join() === judgement.pages.map(idOf).join();
    return same ? [] : [{ name: variant.name, problems: other.problems }];
  });
  return { scenario, replay: result, judgement, differing };
}

function idOf({ alarm }: { readonly alarm: string }): string {
  return alarm;
}
