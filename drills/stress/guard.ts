import { spawn } from "node:child_process";
import type { Writable } from "node:stream";

/**
 * What a shell does once the lab is gone without having said `done`: the lab was killed in a way it cannot notice
 * (SIGKILL, out of memory). Lines that reach it are `pid N` of something to end, and `folder PATH` to remove.
 */
const SCRIPT = `
pids=""; folder=""
while read -r word rest; do
  case "$word" in
    done) exit 0 ;;
    pid) pids="$pids $rest" ;;
    folder) folder="$rest" ;;
  esac
done
for pid in $pids; do kill -INT "$pid" 2>/dev/null; done
tries=0
for pid in $pids; do
  while kill -0 "$pid" 2>/dev/null && [ "$tries" -lt 50 ]; do tries=$((tries + 1)); sleep 0.1; done
  kill -KILL "$pid" 2>/dev/null
done
case "$folder" in */poolproof-stress-*) rm -rf "$folder" ;; esac
`;

/** Told what the lab has started; acts only when the lab dies without a word. */
export class Guard {
  private constructor(private readonly ears: Writable) {}

  static start(): Guard {
    const shell = spawn("/bin/sh", ["-c", SCRIPT], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
    shell.on("error", () => {}); // no shell, no guard: everything else tidies up as before
    shell.stdin.on("error", () => {});
    shell.unref();
    return new Guard(shell.stdin);
  }

  watchProcess(pid: number): void {
    this.ears.write(`pid ${pid}\n`);
  }

  watchFolder(folder: string): void {
    this.ears.write(`folder ${folder}\n`);
  }

  /** Everything has been undone: the shell leaves. */
  dismiss(): void {
    this.ears.end("done\n");
  }
}
