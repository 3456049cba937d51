require("./lazy.cjs");
const { compile } = require("./compile.cjs");

/** Pulumi starts the program here. */
compile("index.ts", "components/**/*.ts", "stacks/**/*.ts");
Error.prepareStackTrace = undefined; // Pulumi's own knows no maps of files that are compiled in memory
module.exports = require("../index.ts");
