import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    reporters: ["default", "./test/support/skipped.mts"],
    projects: [
      {
        // Pure code, the rules and the in-process check: no engine, no network.
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/engine/**"],
          // The longest take half a minute on a quiet machine: a limit that also holds on one ten times slower.
          testTimeout: 300_000,
          hookTimeout: 300_000,
          // Processes and databases that start beside others take their time.
          expect: { poll: { timeout: 10_000 } },
        },
      },
      {
        // The real Pulumi engine: one preview at a time, each takes seconds.
        test: {
          name: "engine",
          include: ["test/engine/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 900_000,
        },
      },
    ],
  },
});
