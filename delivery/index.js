// Pulumi's entry: compiles the program as it is loaded and runs it.
if (!process.env.PULUMI_STACK_TRACES) Error.stackTraceLimit = 0;
const { load } = require("../tools/compile/bundled");

module.exports = load(require.resolve("./program.ts")).program;
