import { relative } from "node:path";
import type { Reporter, TestModule } from "vitest/node";

/** Says after a run what was skipped: the suites' titles hold the reason. */
export default class Skipped implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const found = new Map<string, number>();
    for (const module of modules) {
      for (const test of module.children.allTests("skipped")) {
        const titles = test.fullName.split(" > ");
        const why = titles.find((title) => title.includes("skipped")) ?? test.fullName;
        const name = `${relative(process.cwd(), module.moduleId)}: ${why}`;
        found.set(name, (found.get(name) ?? 0) + 1);
      }
    }
    // A filter by name skips what it does not name: that needs no list.
    if (found.size === 0 || process.argv.some((arg) => /^(-t|--testNamePattern)/.test(arg))) return;
    const lines = [...found].map(([name, count]) => `  ${count} × ${name}`);
    process.stdout.write(`\nSkipped:\n${lines.join("\n")}\n`);
  }
}
