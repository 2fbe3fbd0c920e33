import { defineConfig } from "vitest/config";

/** What judges a mutant: the unit tests of the model and of the rules, and nothing that starts a process. */
export default defineConfig({
  test: {
    include: ["test/policies/{model,rules}/**/*.test.ts"],
    // Thousands of whole plans a run: they find what nobody thought of, and are too slow to repeat for each mutant.
    exclude: ["test/policies/rules/{robustness,acceptedBetween}.test.ts"],
    testTimeout: 30_000,
  },
});
