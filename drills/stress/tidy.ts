import { messageOf } from "./labError";

/** What has to be undone at the end, however the end comes: last begun, first undone. */
export class Tidy {
  private readonly steps: { readonly what: string; readonly undo: () => void | Promise<void> }[] = [];
  private running: Promise<readonly string[]> | undefined;

  /** Returns a function that undoes this one step now and forgets it. */
  add(what: string, undo: () => void | Promise<void>): () => Promise<void> {
    const step = { what, undo };
    this.steps.push(step);
    return async () => {
      const at = this.steps.indexOf(step);
      if (at < 0) return;
      this.steps.splice(at, 1);
      await undo();
    };
  }

  /** Undoes everything once, whoever asks, and goes on past failures. Returns what could not be undone. */
  all(): Promise<readonly string[]> {
    this.running ??= this.undoAll();
    return this.running;
  }

  private async undoAll(): Promise<readonly string[]> {
    const failures: string[] = [];
    for (let step = this.steps.pop(); step !== undefined; step = this.steps.pop()) {
      try {
        await step.undo();
      } catch (error) {
        failures.push(`${step.what}: ${messageOf(error)}`);
      }
    }
    return failures;
  }
}
