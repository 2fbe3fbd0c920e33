// node --import tsx test/drills/review/support/printExpected.ts STACK
//
// What the review expects of a stack, as JSON. A process of its own: running a Pulumi program waits until a process has
// nothing left to do, which a test runner's never has.
import { resolve } from "node:path";
import { expectedStack } from "../../../../drills/review/expected";

void expectedStack(resolve(__dirname, "../../../.."), process.argv[2] ?? "").then(({ expected }) => {
  process.stdout.write(JSON.stringify(expected));
});
