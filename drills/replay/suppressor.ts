import type { AlarmState } from "../../policies/model/cloudwatch/alarm";
import type { CompositeAlarm } from "./alarm";

/** What holds back the action of a composite for now. */
type Hold = { readonly kind: "period"; readonly until: number } | { readonly kind: "suppressor" };

/**
 * Whether a composite alarm's actions are suppressed, as AWS documents it ("Suppressing composite alarm actions",
 * Create_Composite_Alarm_Suppression, with its six examples):
 * - When the composite changes its state while the suppressor is not in ALARM, a wait begins: the suppressor may be
 *   about to follow. It goes to ALARM: the wait is dropped, and the suppressor holds the actions back for as long as it
 *   is in ALARM. The composite changes again: a new wait begins. The wait ends: the composite takes its actions.
 * - When the suppressor leaves ALARM an extension begins: the composite may be about to follow. It changes: the
 *   extension is dropped and a wait begins. The extension ends: the composite takes its actions.
 * - Actions are those of the state that the composite is in by then.
 *
 * Where AWS is silent: when a wait ends at the very moment that the suppressor goes to ALARM, the action is taken
 * (the worse case for the person on call); and an action is taken only for a change that no action has reported yet.
 *
 * Times are seconds from any start, and must not go back.
 */
export class Suppressor {
  private hold: Hold | undefined;
  private suppressorState: AlarmState = "INSUFFICIENT_DATA";
  private isActionPending = false;

  constructor(private readonly settings: NonNullable<CompositeAlarm["suppression"]>) {}

  /**
   * Tells that time has come to `now`, before any change at that moment.
   * @returns When the composite acts on the state it has been in, if a wait or extension ended by now.
   */
  timePassed(now: number): number | undefined {
    const { hold } = this;
    if (hold?.kind !== "period" || hold.until > now) return undefined;
    this.hold = undefined;
    return this.act(hold.until);
  }

  /** @returns When the composite acts at once, because the extension has no length. */
  suppressorChanged(state: AlarmState, now: number): number | undefined {
    const wasInAlarm = this.suppressorState === "ALARM";
    this.suppressorState = state;
    if (state === "ALARM") this.hold = { kind: "suppressor" };
    else if (wasInAlarm) return this.holdFor(this.settings.extensionSeconds, now);
    return undefined;
  }

  /** @returns When the composite acts at once, because the suppressor is not in ALARM and there is no wait. */
  compositeChanged(now: number): number | undefined {
    this.isActionPending = true;
    return this.hold?.kind === "suppressor" ? undefined : this.holdFor(this.settings.waitSeconds, now);
  }

  private holdFor(seconds: number, now: number): number | undefined {
    this.hold = seconds > 0 ? { kind: "period", until: now + seconds } : undefined;
    return this.hold === undefined ? this.act(now) : undefined;
  }

  private act(now: number): number | undefined {
    const isPending = this.isActionPending;
    this.isActionPending = false;
    return isPending ? now : undefined;
  }
}
