import { defineConfig } from "vitest/config";

/** What judges a mutant: the unit tests of the model and of the rules, and nothing that starts a process. */
export default defineConfig({
  test: {
    include: ["test/policies/{model,rules}/**/*.test.ts"],
    // Thousands of whole plans a run: they find what nobody thought of, and are too slow to repeat for each mutant.
    exclude: ["test/policies/rules/{robustness,acceptedBetween}.test.ts"],
    // What these tests load keeps no state: without a new context for each file, a mutant takes a third of the time.
    isolate: false,
    testTimeout: 30_000,
  },
});
