import type { AlarmState } from "../../../policies/model/cloudwatch/alarm";
import type { Suppression } from "../alarm";

/** Why a composite that changed its state takes no action for now. */
type Holding =
  | { readonly why: "WaitPeriod" | "ExtensionPeriod"; readonly until: number }
  | { readonly why: "Alarm" };

/**
 * Whether a composite alarm's actions are held back, as AWS documents it ("Suppressing composite alarm actions",
 * Create_Composite_Alarm_Suppression, with its six examples):
 * - When the composite changes its state while the suppressor is not in ALARM, a wait begins: the suppressor may be
 *   about to follow. It goes to ALARM: the wait is dropped, and the suppressor holds the actions back for as long as it
 *   is in ALARM. The composite changes again: a new wait begins. The wait ends: the composite takes its actions.
 * - When the suppressor leaves ALARM an extension begins: the composite may be about to follow. It changes: the
 *   extension is dropped and a wait begins. The extension ends: the composite takes its actions.
 * - Actions are those of the state that the composite is in by then.
 *
 * Where AWS is silent: when a wait ends at the very moment that the suppressor goes to ALARM, the action is taken
 * (the worse case for whoever sleeps); and an action is taken only when there is a change that nobody was told of.
 *
 * Times are seconds from any start, and must not go back.
 */
export class Suppressor {
  private holding: Holding | undefined;
  private suppressorIn: AlarmState = "INSUFFICIENT_DATA";
  private untold = false;

  constructor(private readonly settings: Suppression) {}

  /**
   * Tells the suppressor that time has come to `now`, before any change at that moment.
   * @returns When the composite acts on the state it has been in, if a wait or extension ended by now.
   */
  passed(now: number): number | undefined {
    const { holding } = this;
    if (holding === undefined || holding.why === "Alarm" || holding.until > now) return undefined;
    this.holding = undefined;
    return this.act(holding.until);
  }

  /** @returns When the composite acts at once, because nothing of what holds it back has any length. */
  suppressorChanged(state: AlarmState, now: number): number | undefined {
    const wasInAlarm = this.suppressorIn === "ALARM";
    this.suppressorIn = state;
    if (state === "ALARM") this.holding = { why: "Alarm" };
    else if (wasInAlarm) return this.hold("ExtensionPeriod", now, this.settings.extensionSeconds);
    return undefined;
  }

  /** @returns When the composite acts at once, because the suppressor is silent and there is no wait. */
  compositeChanged(now: number): number | undefined {
    this.untold = true;
    if (this.holding?.why === "Alarm") return undefined;
    return this.hold("WaitPeriod", now, this.settings.waitSeconds);
  }

  /** What holds actions back now, for a timeline. */
  get heldBy(): Holding["why"] | undefined {
    return this.untold ? this.holding?.why : undefined;
  }

  private hold(why: "WaitPeriod" | "ExtensionPeriod", now: number, seconds: number): number | undefined {
    this.holding = seconds > 0 ? { why, until: now + seconds } : undefined;
    return this.holding === undefined ? this.act(now) : undefined;
  }

  private act(now: number): number | undefined {
    const act = this.untold;
    this.untold = false;
    return act ? now : undefined;
  }
}
