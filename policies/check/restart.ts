import { spawnSync } from "node:child_process";
import type { Project } from "./project";

const MARK = "POOLPROOF_NODEARGS";

/**
 * Starts this command again under the `nodeargs` of Pulumi.yaml (loaders such as `--import=tsx`), which Node takes
 * only at start-up. Returns the exit code of that run; undefined when this process already is the right one.
 */
export function restartWithNodeArguments(project: Project): number | undefined {
  const wanted = project.nodeargs.join(" ");
  if (wanted === "" || process.env[MARK] === wanted) return undefined;
  const [, script = "", ...rest] = process.argv;
  const { status } = spawnSync(process.execPath, [...absolute(project), script, ...rest], {
    stdio: "inherit",
    env: { ...process.env, [MARK]: wanted },
  });
  return status ?? 2;
}

/** Node resolves `--import` from where it is started; Pulumi starts it in the program's folder. */
function absolute({ nodeargs, programFolder }: Project): string[] {
  return nodeargs.map((argument) => {
    const match = /^(--(?:import|require|loader|experimental-loader)=|-r=)(.+)$/.exec(argument);
    if (!match) return argument;
    const [, flag = "", name = ""] = match;
    try {
      return `${flag}${require.resolve(name, { paths: [programFolder] })}`;
    } catch {
      return argument;
    }
  });
}
