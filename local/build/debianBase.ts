import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildLogs, fingerprint, imageFiles, make } from "../machine/cache";
import { command } from "../machine/command";
import { digested, layerFile, pack, type Layer } from "./layer";

/**
 * The packages that every image starts from. The Debian release is the one that the official PostgreSQL images use:
 * a different C library sorts text differently. Each Debian release has one version of PostgreSQL; its client programs
 * are used with the newer servers too.
 */
const debian = {
    release: "bookworm",
    packages: [
        ...["postgresql-15", "openjdk-17-jre-headless", "ca-certificates", "procps", "curl"],
        ...["libyaml-0-2", "libsqlite3-0", "libssl3"], // the libraries that Fluent Bit is linked with
    ],
};
/** The unpacked files of the base layer. */
const base = join(imageFiles, "base");

/** Makes the base layer: Debian with PostgreSQL, Java and curl. */
export async function baseLayer(onLine: (line: string) => void): Promise<Layer> {
    const inputs = fingerprint(JSON.stringify(debian));
    await make(base, inputs, (root) => installDebian(root, onLine));
    const file = layerFile("base");
    await make(file, inputs, async (partial) => {
        onLine("packing");
        await pack(base, partial);
    });
    return digested(file);
}

async function installDebian(root: string, onLine: (line: string) => void) {
    // debootstrap mounts /proc there. In separate namespaces the mounts disappear with it, even when it is killed.
    await command(
        "unshare",
        [
            ...["--mount", "--pid", "--fork", "--kill-child=SIGKILL", "debootstrap", "--variant=minbase"],
            ...[`--include=${debian.packages.join(",")}`, debian.release, root],
        ],
        { log: join(buildLogs, "debian.log"), onLine },
    );
    for (const directory of ["var/cache/apt", "var/lib/apt/lists", "var/lib/postgresql/15"])
        rmSync(join(root, directory), { recursive: true, force: true });
    // The official images give the user postgres the number 999.
    const renumber = (file: string, from: RegExp, to: string) => {
        writeFileSync(join(root, file), readFileSync(join(root, file), "utf8").replace(from, to));
    };
    renumber("etc/passwd", /^postgres:x:\d+:\d+:/m, "postgres:x:999:999:");
    renumber("etc/group", /^postgres:x:\d+:/m, "postgres:x:999:");
    await command("chown", ["-R", "999:999", join(root, "var/lib/postgresql"), join(root, "var/log/postgresql")]);
}

/**
 * Tries to start a program in the base layer's Debian.
 *
 * @returns undefined if it starts; otherwise the loader's message
 */
export async function runsInBase(program: string): Promise<string | undefined> {
    const place = join(base, "tmp", "program");
    await command("cp", [program, place]);
    try {
        await command("chroot", [base, "/tmp/program", "--version"]);
        return undefined;
    } catch (error) {
        return (error as Error & { lines?: string[] }).lines?.at(-1) ?? (error as Error).message;
    } finally {
        rmSync(place);
    }
}
