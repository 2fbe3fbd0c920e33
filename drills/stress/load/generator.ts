import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Random } from "../../../policies/kit/random";
import { arrivalsAt, requestsAt, totalSeconds } from "./arrivals";
import { Client } from "./client";
import type { FromGenerator, LoadPlan, LoadResult, ToGenerator } from "./generatorProcess";
import { chooseKind, OUTCOMES, REQUEST_KINDS, type RequestRecord } from "./requests";

/**
 * The load generator, a process of its own: whatever the lab or a task does must not delay an arrival.
 *
 * Open loop: a request is sent when its time has come, whether earlier ones have been answered or not, and its latency
 * counts from that time. Late sending therefore shows in the latency, and in a measure of its own.
 */
const clock = (): number => performance.timeOrigin + performance.now();

/** Before the first arrival, for everything to be in place. */
const LEAD_MS = 200;
/** How often the event loop is looked at; what it measures includes this. */
const RESOLUTION_MS = 5;

class Generator {
  private readonly records: RequestRecord[] = [];
  private readonly tokens: string[] = [];
  private readonly clients: (Client | undefined)[];
  private sent = 0;
  private failed = 0;
  private whenIdle: (() => void) | undefined;

  constructor(private readonly plan: LoadPlan) {
    this.clients = plan.targets.map((port) => this.clientOf(port));
  }

  retarget(target: number, port: number | null): void {
    this.clients[target] = port === null ? undefined : this.clientOf(port);
  }

  async run(): Promise<LoadResult> {
    const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    delay.enable();
    const startedAtMs = clock() + LEAD_MS;
    const progress = setInterval(() => {
      const secondsIn = (clock() - startedAtMs) / 1000;
      say({ type: "progress", progress: { secondsIn, sent: this.sent, failed: this.failed } });
    }, 1000);
    await Promise.all(this.plan.targets.map((_port, target) => this.drive(target, startedAtMs)));
    if (this.records.length < this.sent) {
      await new Promise<void>((resolve) => {
        this.whenIdle = resolve;
      });
    }
    clearInterval(progress);
    delay.disable();
    for (const client of this.clients) client?.close();
    return {
      sent: this.sent,
      records: this.records,
      tokens: this.tokens,
      eventLoopDelayMs: Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS),
      startedAtMs,
    };
  }

  /** One target's own Poisson process, to its end. */
  private drive(target: number, startedAtMs: number): Promise<void> {
    const { seed, profile } = this.plan;
    const times = arrivalsAt(target, seed, profile);
    const random = requestsAt(target, seed);
    const endMs = startedAtMs + totalSeconds(profile) * 1000;
    return new Promise((resolve) => {
      let next = times.next();
      const step = (): void => {
        const now = clock();
        while (!next.done) {
          const dueMs = startedAtMs + next.value * 1000;
          if (dueMs > now) break;
          void this.send(target, dueMs, random);
          next = times.next();
        }
        const wakeAt = next.done ? endMs : startedAtMs + next.value * 1000;
        if (next.done && now >= endMs) resolve();
        else setTimeout(step, Math.max(0, wakeAt - clock()));
      };
      step();
    });
  }

  private async send(target: number, intendedMs: number, random: Random): Promise<void> {
    const kind = chooseKind(random, this.plan.mix);
    // A task that has left is taken out by the load balancer: its share goes to the others.
    const client = this.clients[target] ?? this.anyOther(random);
    const lagMs = clock() - intendedMs;
    this.sent++;
    const { outcome, token } = client
      ? await client.send(kind, random)
      : { outcome: "unreachable" as const, token: undefined };
    this.records.push({
      intendedMs,
      latencyMs: clock() - intendedMs,
      lagMs,
      target,
      kind: REQUEST_KINDS.indexOf(kind),
      outcome: OUTCOMES.indexOf(outcome),
    });
    if (outcome !== "ok") this.failed++;
    if (token !== undefined) this.tokens.push(token);
    if (this.records.length === this.sent) this.whenIdle?.();
  }

  private anyOther(random: Random): Client | undefined {
    const there = this.clients.filter((client) => client !== undefined);
    return there[Math.floor(random() * there.length)];
  }

  private clientOf(port: number): Client {
    return new Client(port, this.plan.credentials, this.plan.deadlineMs);
  }
}

function say(message: FromGenerator): void {
  process.send?.(message);
}

let generator: Generator | undefined;
process.on("message", (message: ToGenerator) => {
  if (message.type === "retarget") {
    generator?.retarget(message.target, message.port);
    return;
  }
  generator = new Generator(message.plan);
  void generator
    .run()
    .then((result) =>
      process.send?.({ type: "done", result } satisfies FromGenerator, () => process.exit(0)),
    );
});
// The lab that asked is gone: so is the reason to go on.
process.on("disconnect", () => process.exit(1));
say({ type: "ready" });
