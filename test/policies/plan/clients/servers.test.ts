import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { containerOf } from "../../../../policies/plan/clients/containers";
import { readServer } from "../../../../policies/plan/clients/servers";
import { knownValue } from "../../../../policies/plan/reading";

type Variables = { readonly [name: string]: string };

const serve = (command: readonly string[], variables: Variables = {}, library = "sqlalchemy") =>
  readServer(
    containerOf({
      name: "api",
      command: [...command],
      environment: Object.entries(variables).map(([name, value]) => ({ name, value })),
    }),
    { library },
  );
const counts = (...of: Parameters<typeof serve>) => {
  const { processesPerTask, concurrencyPerProcess } = serve(...of);
  const shown = [processesPerTask, concurrencyPerProcess].map(
    ({ reading }) => knownValue(reading) ?? reading.state,
  );
  return shown;
};

describe("the processes of a task and the requests that one serves at once", () => {
  it.each<[string, readonly string[], readonly unknown[]]>([
    ["gunicorn's workers", ["gunicorn", "-w", "4", "app:app"], [4, 1]],
    ["gunicorn's threads", ["gunicorn", "--workers=2", "--threads", "8", "app:app"], [2, 8]],
    ["gunicorn over uvicorn", ["gunicorn", "-w4", "-k", "uvicorn.workers.UvicornWorker", "a"], [4, "unset"]],
    ["gunicorn's greenlets", ["gunicorn", "-k", "gevent", "-w", "3", "a"], [3, 1000]],
    ["gunicorn by its file", ["gunicorn", "-c", "gunicorn.conf.py", "a"], ["unknown", "unknown"]],
    ["the last of two", ["gunicorn", "--workers=4", "--workers", "8", "a"], [8, 1]],
    ["a command as one text", ["sh", "-c", "exec gunicorn --workers 5 app:app"], [5, 1]],
    ["as many as CPUs", ["sh", "-c", "gunicorn -w $(nproc) app:app"], ["unknown", 1]],
    ["a flag without a number", ["gunicorn", "-w"], ["malformed", 1]],
    ["no thread", ["gunicorn", "-w", "2", "--threads", "0", "a"], [2, "malformed"]],
    ["threads in a word", ["gunicorn", "-w", "2", "--threads", "auto", "a"], [2, "unknown"]],
    ["a flag behind a flag", ["gunicorn", "-w", "--threads", "4", "a"], ["malformed", 4]],
    ["uvicorn", ["uvicorn", "app:app", "--workers", "6"], [6, "unset"]],
    ["fastapi run", ["fastapi", "run", "--workers", "2"], [2, "unset"]],
    ["hypercorn", ["hypercorn", "-w", "2", "app:app"], [2, "unset"]],
    ["puma", ["bundle", "exec", "puma", "-w", "2", "-t", "1:16"], [2, 16]],
    ["puma in a single process", ["puma", "-w", "0"], [1, 5]],
    ["sidekiq", ["bundle", "exec", "sidekiq", "-c", "25"], [1, 25]],
    ["celery", ["celery", "-A", "app", "worker", "-c", "4"], [4, 1]],
    ["celery's CPUs", ["celery", "-A", "app", "worker"], ["unknown", 1]],
    ["celery that scales", ["celery", "-A", "a", "worker", "--autoscale=10,3"], [10, 1]],
    ["celery's clock", ["celery", "-A", "app", "beat"], [1, 1]],
    ["rq", ["rq", "worker", "default"], [1, 1]],
    ["celery's threads", ["celery", "-A", "a", "worker", "-P", "threads", "-c", "8"], [1, 8]],
    ["pm2", ["pm2-runtime", "start", "app.js", "-i", "4"], [4, "unset"]],
    ["pm2 on every CPU", ["pm2-runtime", "start", "app.js", "-i", "max"], ["unknown", "unset"]],
    ["pm2 by its file", ["pm2-runtime", "ecosystem.config.js"], ["unknown", "unset"]],
    ["php-fpm", ["php-fpm"], [5, 1]],
    ["supervisord", ["/usr/bin/supervisord"], ["unknown", "unset"]],
    ["no server", ["node", "server.js"], [1, "unset"]],
  ])("are read from the command: %s", (_name, command, expected) => {
    expect(counts(command)).toEqual(expected);
  });

  it.each<[Variables, string, readonly unknown[]]>([
    [{ GUNICORN_CMD_ARGS: "--workers=4 --threads=2" }, "sqlalchemy", [4, 2]],
    [{ WEB_CONCURRENCY: "4" }, "sqlalchemy", [4, "unknown"]],
    [{ WEB_CONCURRENCY: "4" }, "node-postgres", [4, "unset"]],
    [{ UVICORN_WORKERS: "3" }, "sqlalchemy", [3, "unset"]],
    [{ GUNICORN_WORKERS: "4" }, "sqlalchemy", [4, "unknown"]],
    [{ WEB_CONCURRENCY: "2", RAILS_MAX_THREADS: "7" }, "active-record", [2, 7]],
    [{ WEB_CONCURRENCY: "0" }, "active-record", [1, 5]],
    [{ WEB_CONCURRENCY: "auto" }, "active-record", ["unknown", 5]],
    [{ SIDEKIQ_CONCURRENCY: "20" }, "active-record", [1, 20]],
    [{ PHP_FPM_PM_MAX_CHILDREN: "40" }, "php", [40, 1]],
    [{}, "wordpress", [150, 1]],
    [{ ECTO_POOL_COUNT: "4" }, "ecto", [4, "unset"]],
  ])("are read from %j of %s", (variables, library, expected) => {
    expect(counts([], variables, library)).toEqual(expected);
  });

  it("are taken from the variable that a command names", () => {
    expect(counts(["sh", "-c", "gunicorn -w $WORKERS app"], { WORKERS: "3" })).toEqual([3, 1]);
    expect(counts(["sh", "-c", "gunicorn -w $" + "{WORKERS:-6} app"])).toEqual([6, 1]);
    expect(counts(["gunicorn", "-w", "$(WORKERS)", "app"], { WORKERS: "3" })).toEqual([3, 1]);
    expect(counts(["gunicorn", "-w", "$WORKERS", "app"])).toEqual(["unknown", 1]);
  });

  it("are the number that is given, however it is written, and never a crash", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 999 }),
        fc.constantFrom("-w N", "-wN", "--workers N", "--workers=N"),
        (n, form) => {
          const command = `gunicorn ${form.replace("N", String(n))} app:app`;
          expect(counts(command.split(" "))[0]).toBe(n);
          expect(counts(["sh", "-c", command])[0]).toBe(n);
        },
      ),
    );
    fc.assert(fc.property(fc.array(fc.string()), (words) => void counts(words)));
  });
});
