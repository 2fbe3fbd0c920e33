// node infra/config/checkStackFile.js stacks/Pulumi.<stack>.yaml
//
// Exit 0: the file can be used. Exit 2: it cannot, and every reason is on stderr.
Error.stackTraceLimit = process.env.PULUMI_STACK_TRACES ? Error.stackTraceLimit : 0;
const { load } = require("../../tools/compile/bundled");

/** @type {typeof import("./stackFile")} */
const { stackFileProblems } = load(require.resolve("./stackFile.ts"));

const path = process.argv[2];
const problems =
  path === undefined ? "usage: node infra/config/checkStackFile.js STACK_FILE" : stackFileProblems(path);
if (problems !== undefined) {
  process.stderr.write(`${problems}\n`);
  process.exitCode = 2;
}
