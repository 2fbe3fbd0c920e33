// Pulumi's entry: compiles the program as it is loaded and runs it.
//
// The SDK takes a source-mapped stack trace for every promise, which doubles the time a preview takes. Set
// PULUMI_STACK_TRACES=1 to have them back while looking for an error.
if (!process.env.PULUMI_STACK_TRACES) Error.stackTraceLimit = 0;
const { load } = require("../tools/compile/bundled");

module.exports = load(require.resolve("./program.ts")).program;
