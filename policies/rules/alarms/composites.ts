import type {
  AlarmListener,
  AlarmReading,
  AlarmReference,
  CompositeAlarmReading,
} from "../../plan/alarms/alarmReading";
import { knownValue } from "../../plan/reading";
import type { RuleContext } from "../rule";
import { relevantAlarms } from "./relevantAlarms";

/** Who reads whom: the composites of a stack, and the alarms that their rules name. */
export class AlarmReaders {
  /** Alarms by what a reference may call them: their names in CloudWatch and their URNs. */
  private readonly byReference = new Map<string | undefined, AlarmReading[]>();
  private readonly readersOf = new Map<AlarmReading, Set<CompositeAlarmReading>>();
  private readonly missingReaders = new Set<AlarmReading>();
  readonly composites: readonly CompositeAlarmReading[];

  constructor(
    alarms: readonly AlarmReading[],
    private readonly listeners: readonly AlarmListener[],
  ) {
    this.composites = alarms.filter((alarm) => alarm.kind === "composite");
    for (const alarm of alarms) {
      for (const called of [knownValue(alarm.name), alarm.resource.urn]) {
        const others = this.byReference.get(called);
        if (others) others.push(alarm);
        else this.byReference.set(called, [alarm]);
      }
    }
    for (const composite of this.composites) {
      for (const reference of this.referencesOf(composite)) {
        for (const child of this.byReference.get(reference.name ?? reference.urn) ?? NOBODY) {
          const readers = this.readersOf.get(child) ?? new Set();
          this.readersOf.set(child, readers.add(composite));
          if (reference.asksForMissingData) this.missingReaders.add(child);
        }
      }
    }
  }

  /** Composites that read an alarm, directly or through others. */
  allReadersOf(alarm: AlarmReading): ReadonlySet<CompositeAlarmReading> {
    const found = new Set<CompositeAlarmReading>();
    const open: AlarmReading[] = [alarm];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const reader of this.readersOf.get(next) ?? []) {
        if (found.has(reader)) continue;
        found.add(reader);
        open.push(reader);
      }
    }
    return found;
  }

  /** Whether an EventBridge rule of the stack hears it go off. */
  isHeard({ name, resource }: AlarmReading): boolean {
    const own = knownValue(name);
    return this.listeners.some(
      (listener) =>
        listener === "everything" ||
        listener.urns.includes(resource.urn) ||
        (own !== undefined &&
          (listener.names.includes(own) || listener.prefixes.some((prefix) => own.startsWith(prefix)))),
    );
  }

  /** Whether a composite asks for `INSUFFICIENT_DATA` of it. */
  isAskedForMissingData(alarm: AlarmReading): boolean {
    return this.missingReaders.has(alarm);
  }

  /** The first other composite that may read an alarm, since its rule is not known yet nor what it is made from. */
  hiddenReaderOf(alarm: AlarmReading): CompositeAlarmReading | undefined {
    return this.composites.find((each) => each.children.state === "unknown" && each !== alarm);
  }

  private referencesOf({ children, suppressor }: CompositeAlarmReading): readonly AlarmReference[] {
    return [knownValue(children), suppressor].flat().filter((reference) => reference !== undefined);
  }
}

const NOBODY: readonly AlarmReading[] = [];

const cache = new WeakMap<RuleContext, AlarmReaders>();

export function alarmReaders(context: RuleContext): AlarmReaders {
  const known = cache.get(context);
  if (known) return known;
  const readers = new AlarmReaders(context.stack.alarms, context.stack.alarmListeners);
  cache.set(context, readers);
  return readers;
}

/** Composites that read an alarm which is poolproof's business, directly or through others. */
export function relevantComposites(context: RuleContext): readonly CompositeAlarmReading[] {
  const readers = alarmReaders(context);
  const judged = new Set(relevantAlarms(context).flatMap(({ alarm }) => [...readers.allReadersOf(alarm)]));
  return readers.composites.filter((composite) => judged.has(composite));
}
