// Pulumi's entry: compiles the program as it is loaded and runs it.
if (!process.env.PULUMI_STACK_TRACES) Error.stackTraceLimit = 0;
require("tsx/cjs/api").register();

module.exports = require("./program").program;
