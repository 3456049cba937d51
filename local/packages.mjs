// Installs the npm packages of the lockfile where they are not there yet. In plain JavaScript: nothing else runs before.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const project = fileURLToPath(new URL("..", import.meta.url));
const installed = `${project}/node_modules/.package-lock.json`;

/** Whether each package of the lockfile is there in that version; one for another kind of machine need not be. */
function isComplete() {
    if (!existsSync(installed)) return false;
    const packages = (file) => JSON.parse(readFileSync(file, "utf8")).packages;
    const there = packages(installed);
    return Object.entries(packages(`${project}/package-lock.json`)).every(
        ([path, { version, optional }]) =>
            path === "" || there[path]?.version === version || (optional && !there[path]),
    );
}

if (!isComplete()) {
    console.error("installing the npm packages of package-lock.json");
    // The Kubernetes package has an install script that downloads a plugin; nothing here needs it.
    const flags = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
    const { status } = spawnSync("npm", flags, { cwd: project, stdio: ["ignore", 2, 2] });
    if (status !== 0) {
        console.error(
            `npm ${flags.join(" ")} failed, see above. Put right what it says and run the same command again`,
        );
        process.exit(1);
    }
}
