import type { LoadProgress } from "../load/plan";
import type { PhaseReport } from "../measure/phaseReport";

/** Seconds between two lines about a load that goes on. */
const EVERY = 5;

/** What is told on stderr while the lab works: stdout belongs to the report. */
export class Progress {
  private label = "";
  private seconds = 0;
  private told = 0;

  constructor(private readonly write: (line: string) => void) {}

  note(text: string): void {
    this.write(`  ${text}\n`);
  }

  begin(label: string, seconds: number): void {
    this.label = label;
    this.seconds = Math.round(seconds);
    this.told = 0;
    this.write(`▸ ${label}: ${this.seconds} s of load\n`);
  }

  tick({ secondsIn, sent, failed }: LoadProgress): void {
    if (secondsIn < this.told + EVERY || secondsIn > this.seconds) return;
    this.told = Math.floor(secondsIn);
    this.write(`  ${this.label}: ${this.told} of ${this.seconds} s, ${sent} requests, ${failed} failed\n`);
  }

  end({ measured, void: isVoid }: PhaseReport): void {
    const { attempted, succeeded } = measured;
    this.write(
      `  ${this.label}: ${attempted - succeeded} of ${attempted} failed, p99 ${Math.round(measured.latencyMs.p99)} ms${isVoid ? ", void" : ""}\n`,
    );
  }
}
