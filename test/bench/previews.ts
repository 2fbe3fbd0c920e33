import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EnginePlace, embeddedEnvironment, prepareStack } from "../../engine/embedded.js";
import { stackFile } from "../../engine/stacks.js";
import { root, seconds } from "./measure.js";

const STACK = "prod";

/** Previews of `prod` on the embedded engine, in a state of their own. */
export class Previews {
  private readonly folder = mkdtempSync(join(tmpdir(), "poolproof-bench-"));
  private copy = "";

  constructor(private readonly engine: EnginePlace) {}

  async prepare(): Promise<void> {
    const file = stackFile(root, STACK);
    this.copy = await prepareStack({ ...this.embedded(), stack: STACK, file, project: "auth" });
  }

  /** Our program, with a pack. */
  gated(pack: string, config?: string): Promise<number> {
    const settings = config === undefined ? [] : ["--policy-pack-config", config];
    return this.preview(root, ["--policy-pack", pack, ...settings]);
  }

  /** Our program with its pack, as on a machine that never compiled it. */
  gatedAfresh(pack: string, config: string): Promise<number> {
    return this.withoutCaches((env) =>
      this.preview(root, ["--policy-pack", pack, "--policy-pack-config", config], env),
    );
  }

  /** The same program in the form that `pulumi new` gives a TypeScript project, with no pack, on such a machine. */
  defaultFormAfresh(): Promise<number> {
    const project = this.defaultForm();
    return this.withoutCaches((env) => this.preview(project, [], env));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private embedded() {
    return { stateDir: join(this.folder, "state"), engine: this.engine };
  }

  private preview(cwd: string, flags: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
    const always = [
      "preview",
      "--stack",
      STACK,
      "--non-interactive",
      "--suppress-progress",
      "--suppress-outputs",
    ];
    return seconds(this.engine.pulumi, [...always, "--config-file", this.copy, ...flags], {
      cwd,
      env: { ...embeddedEnvironment(this.embedded()), ...env },
    });
  }

  /** Compilers keep what they made in the folder for temporary files (ts-node, tsx), in Node's compile cache and in .state/. */
  private async withoutCaches(run: (env: NodeJS.ProcessEnv) => Promise<number>): Promise<number> {
    const empty = mkdtempSync(join(this.folder, "fresh-"));
    rmSync(join(root, ".state", "compiled"), { recursive: true, force: true });
    try {
      return await run({ TMPDIR: empty, NODE_COMPILE_CACHE: join(empty, "compiled") });
    } finally {
      rmSync(empty, { recursive: true, force: true });
    }
  }

  private defaultForm(): string {
    const project = join(this.folder, "default-form");
    rmSync(project, { recursive: true, force: true });
    mkdirSync(project);
    for (const part of ["infra", "policies/kit", "policies/model", "stacks"]) {
      cpSync(join(root, part), join(project, part), { recursive: true });
    }
    symlinkSync(join(root, "node_modules"), join(project, "node_modules"));
    const declared = /^config:[\s\S]*/m.exec(readFileSync(join(root, "Pulumi.yaml"), "utf8"))?.[0] ?? "";
    writeFileSync(
      join(project, "Pulumi.yaml"),
      `name: auth\nruntime: nodejs\nstackConfigDir: stacks\n${declared}`,
    );
    writeFileSync(join(project, "package.json"), '{ "name": "auth", "main": "index.ts" }\n');
    writeFileSync(
      join(project, "index.ts"),
      'import { program } from "./infra/program";\n\nexport = program;\n',
    );
    cpSync(join(root, "tsconfig.base.json"), join(project, "tsconfig.json"));
    return project;
  }
}
