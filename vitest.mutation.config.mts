import { defineConfig } from "vitest/config";

/**
 * What judges a mutant: the tests of the model and of the rules, those of the plan's reader and of `explain` that ask
 * the rules what follows, and the known incidents. Nothing that starts a process.
 */
export default defineConfig({
  test: {
    include: [
      "test/policies/{model,budget,rules}/**/*.test.ts",
      "test/policies/plan/*.test.ts",
      "test/policies/explain/explanation.test.ts",
      "test/policies/knownIncidents.test.ts",
    ],
    // Thousands of whole plans a run: they find what nobody thought of, and are too slow to repeat for each mutant.
    exclude: ["test/policies/rules/{robustness,messageLint}.test.ts"],
    // What these tests load keeps no state: without a new context for each file, a mutant takes a third of the time.
    isolate: false,
    setupFiles: ["test/support/mutantCoverage.ts"],
    // The first run judges none: on a busy machine its long tests need minutes. A mutant has Stryker's own time limit.
    testTimeout: 600_000,
  },
});
