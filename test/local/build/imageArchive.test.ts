import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sendImages } from "../../../local/build/imageArchive";
import type { BuiltImage } from "../../../local/build/images";

describe("the archive of images", () => {
    it("has each layer once, and every image under its name", async () => {
        const directory = mkdtempSync(join(tmpdir(), "pglog-images-"));
        try {
            const layer = (name: string) => {
                writeFileSync(join(directory, name), `the layer ${name}`);
                return { file: join(directory, name), digest: name.repeat(64) };
            };
            const [a, b] = [layer("a"), layer("b")];
            const images: BuiltImage[] = [
                { reference: "pglog.local/one:1", layers: [a], config: { Entrypoint: ["/one"] } },
                { reference: "pglog.local/two:1", layers: [a, b], config: { Entrypoint: ["/two"], User: "100" } },
            ];
            const out = mkdtempSync(join(directory, "out-"));
            await sendImages(images, "tar", ["--extract", "--directory", out]);
            const read = (name: string) => readFileSync(join(out, name), "utf8");
            const manifest = JSON.parse(read("manifest.json")) as {
                Config: string;
                RepoTags: string[];
                Layers: string[];
            }[];
            assert.deepEqual(
                manifest.map(({ RepoTags, Layers }) => [RepoTags, Layers]),
                [
                    [["pglog.local/one:1"], [`${a.digest}.tar`]],
                    [["pglog.local/two:1"], [`${a.digest}.tar`, `${b.digest}.tar`]],
                ],
            );
            assert.deepEqual(JSON.parse(read(manifest[1]!.Config)), {
                architecture: "amd64",
                os: "linux",
                config: { Entrypoint: ["/two"], User: "100" },
                rootfs: { type: "layers", diff_ids: [`sha256:${a.digest}`, `sha256:${b.digest}`] },
                history: [{ created_by: "pglog" }, { created_by: "pglog" }],
            });
            assert.equal(read(`${b.digest}.tar`), "the layer b");
            assert.equal(readdirSync(out).length, 5);
        } finally {
            rmSync(directory, { recursive: true });
        }
    });

    it("fails with the error output of the program that refused it", async () => {
        await assert.rejects(sendImages([], "sh", ["-c", "cat >/dev/null; echo no room >&2; exit 1"]), {
            message: "sh did not take the images: no room\n",
        });
    });
});
