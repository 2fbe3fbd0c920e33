import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { builtPlace, findGo } from "../../engine/lib/build.mjs";
import { engineCache, engineModule } from "../../engine/lib/paths.mjs";

// Only where our language host was built: elsewhere an official one is in use, and the compile caches are cold.
const inUse = (["engine", "language-host"] as const).some((part) =>
  existsSync(builtPlace(part, engineModule, engineCache())),
);
const go = findGo(engineModule, process.env);

test.runIf(inUse && "path" in go)(
  "our language host's own tests and go vet pass",
  { timeout: 300_000 },
  () => {
    if (!("path" in go)) return;
    const env = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly", GOWORK: "off" };
    const ended = spawnSync(go.path, ["test", "-trimpath", "./..."], {
      cwd: engineModule,
      env,
      encoding: "utf8",
    });
    expect(ended.stdout + ended.stderr).toContain("ok");
    expect(ended.status).toBe(0);
  },
);
