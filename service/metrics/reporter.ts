import { emfDocuments, type MetricGroup } from "./emf";

/** Where lines go: standard output, whose lines the task's log driver takes to CloudWatch Logs. */
export type WriteLine = (line: string) => void;

export interface ReporterOptions {
  /** Called every second. */
  readonly sample: () => void;
  /** Called for each flush: what was gathered since the last. */
  readonly take: () => readonly MetricGroup[];
  readonly writeLine: WriteLine;
  /** @default Date.now */
  readonly now?: () => number;
}

const SAMPLE_MS = 1_000;
const SAMPLES_PER_FLUSH = 10;

/** Samples every second and writes what was gathered every ten, as embedded metrics: no agent, no permission. */
export class Reporter {
  private timer: NodeJS.Timeout | undefined;
  private samples = 0;

  constructor(private readonly options: ReporterOptions) {}

  start(): void {
    this.timer ??= setInterval(() => this.tick(), SAMPLE_MS);
    this.timer.unref();
  }

  /** Writes what is left; a stopped reporter may still be flushed. */
  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.flush();
  }

  private tick(): void {
    this.options.sample();
    this.samples++;
    if (this.samples % SAMPLES_PER_FLUSH === 0) this.flush();
  }

  private flush(): void {
    const { take, writeLine, now = Date.now } = this.options;
    const atMs = now();
    for (const group of take()) {
      for (const document of emfDocuments(group, atMs)) writeLine(`${JSON.stringify(document)}\n`);
    }
  }
}
