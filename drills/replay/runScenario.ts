import type { Alarm } from "./alarm";
import type { Unjudged } from "./alarmSet";
import type { Bar } from "./bar";
import { judge } from "./judge";
import { judgeAnySet } from "./judgeAnySet";
import type { Judgement } from "./measure";
import { type Replay, type ReplayOptions, replay } from "./replay";
import type { Expectations } from "./scenario";
import type { Trace } from "./trace";
import { VARIANTS } from "./variants";

/** Everything that a scenario needs, read and generated. */
export interface ReadyScenario {
  readonly name: string;
  readonly about: string;
  /** Where the alarms come from: a stack's own, or a file's. */
  readonly alarmsOf: { readonly stack: string } | { readonly file: string };
  readonly alarms: readonly Alarm[];
  /** Alarms of the file that cannot be replayed here; the verdict says nothing of them. */
  readonly unjudged: readonly Unjudged[];
  readonly trace: Trace;
  readonly events: readonly { readonly atSeconds: number; readonly title: string }[];
  /** What is expected of the very alarms that the scenario was written for. */
  readonly expected: Expectations | undefined;
  /** What is asked of somebody else's alarms instead. */
  readonly bar: Bar | undefined;
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
  const { alarms, trace, expected, bar, options } = scenario;
  const judged = (of: Replay) =>
    bar === undefined ? judge(alarms, of, trace, expected) : judgeAnySet(alarms, of, trace, bar);
  const result = replay(alarms, trace, options);
  const judgement = judged(result);
  const differing = VARIANTS.flatMap((variant): VariantResult[] => {
    const changed = variant.trace(trace);
    const other = judged(replay(alarms, changed, { ...options, ...variant.options }));
    // Which alarms page is part of the verdict where they are expected by name.
    const samePages = bar !== undefined || other.pages.map(idOf).join() === judgement.pages.map(idOf).join();
    const same = other.passed === judgement.passed && samePages;
    return same ? [] : [{ name: variant.name, problems: other.problems }];
  });
  return { scenario, replay: result, judgement, differing };
}

function idOf({ alarm }: { readonly alarm: string }): string {
  return alarm;
}
