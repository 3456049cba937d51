import assert from "node:assert/strict";
import {
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { reachable } from "../../../local/build/download";
import { isTaken, renderReach, take, type Source } from "../../../local/build/official";
import { missingProvided, missingRest, provide, type Builder } from "../../../local/build/programs";
import { officialReleases, type Releases } from "../../../local/build/releases";
import {
    dns,
    dnsVersion,
    engine,
    kubernetesVersion,
    nameOf,
    volumesVersion,
    type GoProgram,
} from "../../../local/build/goPrograms";
import { archive, broken, checksum, file, refuses, ReleaseServer } from "./releaseServer";

const quiet = () => undefined;

describe("an official release", () => {
    let server = new ReleaseServer();
    let directory = "";
    let source: Source;
    const { pathname } = new URL(officialReleases.coredns.url);

    /** Serves an archive under the path of the official one, and expects its checksum. */
    async function serve(content: Buffer) {
        server.answers[pathname] = file(content);
        const coredns = { ...officialReleases.coredns, url: server.url(pathname), checksum: checksum(content) };
        const releases: Releases = { ...officialReleases, coredns };
        source = { releases, reached: await reachable([coredns.url]), directory: join(directory, "releases") };
    }
    beforeEach(async () => {
        server = new ReleaseServer();
        await server.open();
        directory = mkdtempSync(join(tmpdir(), "pglog-release-"));
        await serve(await archive({ "./coredns": "the program", README: "text", "elsewhere/coredns": "a trap" }));
    });
    afterEach(async () => {
        await server.close();
        rmSync(directory, { recursive: true });
    });
    const has = () => readdirSync(source.directory, { recursive: true }).sort();

    it("is unpacked without anything that is not its programs, and the archive is not kept", async () => {
        const { directory: taken } = await take(source, "coredns", quiet);
        assert.equal(readFileSync(join(taken!, "coredns"), "utf8"), "the program");
        assert.equal(statSync(join(taken!, "coredns")).mode & 0o777, 0o755);
        assert.deepEqual(has(), ["coredns", "coredns.from", "coredns/coredns"]);
    });

    it("is downloaded once, and again if the release changes", async () => {
        await take(source, "coredns", quiet);
        server.seen.length = 0;
        await take({ ...source, reached: new Set() }, "coredns", quiet);
        assert.deepEqual([server.seen, isTaken(source, "coredns")], [[], true]);
        await serve(await archive({ coredns: "a newer one" }));
        assert.equal(isTaken(source, "coredns"), false);
        const { directory: taken } = await take(source, "coredns", quiet);
        assert.equal(readFileSync(join(taken!, "coredns"), "utf8"), "a newer one");
    });

    const refusals: [string, () => Promise<void> | void, RegExp][] = [
        ["its host cannot be reached", () => void (source.reached = new Set()), /^127\.0\.0\.1:\d+ cannot be reached$/],
        [
            "its checksum is wrong",
            () => void (source.releases.coredns.checksum = checksum(Buffer.from("something else"))),
            /^http:.*\/coredns_\S+\.tgz: its sha256 is [0-9a-f]{64}, and [0-9a-f]{64} was expected$/,
        ],
        [
            "a program is missing from it",
            async () => serve(await archive({ README: "text" })),
            /^http:.*\/coredns_\S+\.tgz has no coredns in its directory \.$/,
        ],
        [
            "it is not an archive",
            () => serve(Buffer.from("<html>the page of a portal</html>")),
            /^http:.*\/coredns_\S+\.tgz cannot be unpacked: incorrect header check$/,
        ],
    ];
    for (const [what, change, because] of refusals)
        it(`is not there, and the part says why: ${what}`, async () => {
            await change();
            const taken = await take(source, "coredns", quiet);
            assert.match(taken.because!, because);
            assert.deepEqual(existsSync(source.directory) ? has() : [], []);
        });

    it("continues at the next start if its host disappeared during the download", async () => {
        const content = await archive({ coredns: "x".repeat(10) });
        await serve(content);
        const partial = join(source.directory, `${basename(pathname)}.partial`);
        server.answers[pathname] = broken({ times: 1, bytes: 20, content, partial, then: refuses });
        assert.match((await take(source, "coredns", quiet)).because!, /^http:/);
        server.answers[pathname] = file(content);
        server.seen.length = 0;
        assert.ok((await take(source, "coredns", quiet)).directory);
        assert.deepEqual(server.seen, [`${pathname} bytes=20-`]);
    });

    describe("of the cluster's programs", () => {
        /** Writes the files that would be built, and records them as the real builder does. */
        const builder = () => {
            const built = new Set<GoProgram>();
            const runs: string[][] = [];
            const fake: Builder & { runs: string[][] } = {
                runs,
                directory: join(directory, "bin"),
                areBuilt: (programs) => programs.every((program) => built.has(program)),
                download: () => Promise.resolve(),
                build: (programs) => {
                    const missing = programs.filter((program) => !built.has(program));
                    if (missing.length > 0) runs.push(missing.map(nameOf));
                    mkdirSync(fake.directory, { recursive: true });
                    for (const program of missing) {
                        for (const name of [nameOf(program), ...(program.names ?? [])]) {
                            rmSync(join(fake.directory, name), { force: true });
                            writeFileSync(join(fake.directory, name), "built");
                        }
                        built.add(program);
                    }
                    return Promise.resolve();
                },
                forget: (program) => void built.delete(program),
            };
            return fake;
        };
        const inBin = (name: string) => readFileSync(join(directory, "bin", name), "utf8");
        const put = (fake: Builder, from = source) => provide(Promise.resolve([engine]), from, quiet, fake);
        const coredns = 1; // index of its part

        it("replaces what would be built, and one build makes the rest", async () => {
            const fake = builder();
            const parts = await put(fake);
            assert.deepEqual(parts, [
                {
                    name: "Kubernetes",
                    version: kubernetesVersion,
                    origin: "built",
                    note: "local/go/programs. dl.k8s.io cannot be reached",
                },
                {
                    name: "CoreDNS",
                    version: officialReleases.coredns.version,
                    origin: "official",
                    note: server.url(pathname),
                },
                { name: "local-path-provisioner", version: volumesVersion, origin: "built", note: "local/go/programs" },
            ]);
            assert.deepEqual(fake.runs, [["local-path-provisioner"], ["kube", "pause", "pulumi"]]);
            assert.deepEqual([inBin("coredns"), inBin("kubelet"), inBin("pause")], ["the program", "built", "built"]);
        });

        it("has each of its programs where the cluster looks for it", async () => {
            const { directory: inArchive, programs } = officialReleases.kubernetes;
            const content = await archive(
                Object.fromEntries(programs.map((name) => [`${inArchive}/${name}`, `official ${name}`])),
            );
            const { pathname: path } = new URL(officialReleases.kubernetes.url);
            server.answers[path] = file(content);
            const kubernetes = {
                ...officialReleases.kubernetes,
                url: server.url(path),
                checksum: checksum(content),
            };
            source.releases = { ...source.releases, kubernetes };
            source.reached = new Set([...source.reached, kubernetes.url]);
            const fake = builder();
            const [part] = await put(fake);
            assert.deepEqual([part!.version, part!.origin], [kubernetes.version, "official"]);
            assert.deepEqual(fake.runs, [["local-path-provisioner"], ["pause", "pulumi"]]);
            assert.deepEqual(
                programs.map(inBin),
                programs.map((name) => `official ${name}`),
            );
            assert.deepEqual([missingProvided(source, fake), missingRest(fake)], [[], []]);
        });

        it("is built otherwise, and the page says why", async () => {
            source.releases.coredns.checksum = checksum(Buffer.from("something else"));
            const { origin, version, note } = (await put(builder()))[coredns]!;
            assert.deepEqual([origin, version], ["built", dnsVersion]);
            assert.match(note, /^local\/go\/programs\. http:\S+: its sha256 is \w+, and \w+ was expected$/);
            assert.equal(inBin("coredns"), "built");
        });

        it("is not downloaded if the programs were built before", async () => {
            const before = builder();
            await before.build([dns], quiet);
            server.seen.length = 0;
            assert.equal((await put(before))[coredns]!.note, "local/go/programs");
            assert.deepEqual(server.seen, []);
        });

        it("is replaced if a newer version must be built, and the other way round", async () => {
            const fake = builder();
            await put(fake);
            const older = source;
            await serve(await archive({ coredns: "a newer one" }));
            await put(fake, { ...source, reached: new Set() });
            assert.equal(inBin("coredns"), "built");
            await put(fake, older);
            assert.equal(inBin("coredns"), "the program");
            await put(fake, { ...source, reached: new Set() });
            assert.equal(inBin("coredns"), "built");
        });

        it("is missing until it is downloaded or built", async () => {
            const fake = builder();
            const missing = () => [
                ...missingProvided(source, fake).map(({ release }) => release),
                ...missingRest(fake),
            ];
            assert.deepEqual(missing(), ["kubernetes", "coredns", "pause", "local-path-provisioner"]);
            await take(source, "coredns", quiet);
            assert.deepEqual(missing(), ["kubernetes", "pause", "local-path-provisioner"]);
            await put(fake);
            assert.deepEqual(missing(), []);
        });
    });
});

describe("the table of official releases", () => {
    it("has a complete checksum, and an archive of the right version, for each", () => {
        const digits = { sha256: 64, sha512: 128 };
        for (const { url, version, checksum: of, programs } of Object.values(officialReleases)) {
            assert.match(of.hex, new RegExp(`^[0-9a-f]{${digits[of.algorithm]}}$`), url);
            assert.ok(url.includes(`/${version}/`) && /\.t(ar\.)?gz$/.test(url), url);
            assert.ok(programs.length > 0, url);
        }
    });
});

describe("docs/local.md", () => {
    it("has the versions of the official releases, and of what is built otherwise", () => {
        const text = readFileSync("docs/local.md", "utf8");
        for (const { version } of Object.values(officialReleases))
            assert.ok(text.includes(`the release ${version}`), version);
        for (const version of [kubernetesVersion, dnsVersion, volumesVersion])
            assert.ok(text.includes(`${version} from its Go module`), version);
    });
});

describe("the report of a start about the releases", () => {
    const [one, other] = ["https://one.example/a.tgz", "https://other.example/b.tgz"];
    for (const [what, asked, reached, line] of [
        ["nothing is missing", [], [], "none is needed"],
        ["all answer", [one, other], [one, other], "from one.example, other.example"],
        ["some answer", [one, other], [other], "from other.example; no answer within 5 s from one.example"],
        [
            "none answers",
            [one, other, one],
            [],
            "no answer within 5 s from one.example, other.example. Missing parts are built",
        ],
    ] as const)
        it(`is one line: ${what}`, () => {
            assert.equal(renderReach([...asked], new Set(reached)), `Official releases: ${line}`);
        });
});
