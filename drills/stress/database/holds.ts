import { LabError } from "../labError";
import type { Admin } from "./admin";
import { sleepDistribution } from "./sleepDistribution";

/** Sets how long the lab's database holds a connection, and tells what it has drawn. */
export class Holds {
  private overheadMs = 0;

  constructor(
    private readonly admin: Admin,
    /** Mean time from acquire to release that is wanted. */
    readonly meanMs: number,
    private readonly seed: number,
  ) {}

  /** What an acquisition costs without any hold, as far as it has been measured. */
  get measuredOverheadMs(): number {
    return this.overheadMs;
  }

  /**
   * Sets the holds for what follows, and starts their sequence anew.
   * @throws LabError when an acquisition costs as much as the whole hold already.
   */
  async set(overheadMs: number): Promise<void> {
    const sleeps = sleepDistribution(this.meanMs, overheadMs);
    if (sleeps === undefined) {
      throw new LabError(
        `a mean hold of ${this.meanMs} ms cannot be made here: an acquisition takes ${overheadMs.toFixed(1)} ms on this machine without any hold; give a longer one with --hold-ms, or a smaller load with --scale or --rate`,
      );
    }
    this.overheadMs = overheadMs;
    await this.admin.query("UPDATE lab.hold_setting SET seed = $1, share = $2, scale_ms = $3", [
      this.seed,
      sleeps.share,
      sleeps.scaleMs,
    ]);
    await this.admin.query("SELECT setval('lab.holds', 1, false)");
  }

  /** How many have been drawn since `set`. */
  async position(): Promise<number> {
    const [row] = await this.admin.query<{ position: string }>(
      "SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS position FROM lab.holds",
    );
    return Number(row?.position ?? 0);
  }

  /** Mean of the sleeps drawn between two positions, in ms: exact, since the n-th is a function of n. */
  async meanSleepMs(from: number, to: number): Promise<number> {
    const [row] = await this.admin.query<{ mean: number | null }>(
      "SELECT avg(lab.hold_ms(n)) AS mean FROM generate_series($1::bigint + 1, $2::bigint) AS n",
      [from, to],
    );
    return row?.mean ?? Number.NaN;
  }
}
