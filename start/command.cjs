const { join } = require("node:path");
require("./lazy.cjs");
const { compile, project } = require("./compile.cjs");

/** The folders that a folder's commands import from, besides itself. */
const imported = {
    "bench/preview": ["local/standin", "render"],
    local: ["components", "render", "report", "stacks"],
    "local/standin": ["render"],
    render: ["components", "stacks"],
    report: ["components", "render", "stacks"],
};

/** Runs a command of this project: `node start/command.cjs <file> [argument…]`. */
const [file] = process.argv.splice(2, 1);
const folder = Object.keys(imported).findLast((one) => file.startsWith(`${one}/`));
compile(...[folder, ...imported[folder]].map((one) => `${one}/**/*.ts`));
process.argv[1] = join(project, file);
require(process.argv[1]);
