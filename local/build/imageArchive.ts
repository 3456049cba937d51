import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { pack as tarPack, type Pack } from "tar-stream";
import type { BuiltImage } from "./images";

/**
 * Writes images into one archive in the format of `docker save`. A layer that several images share is written once
 * (https://github.com/moby/docker-image-spec/blob/v1.3.1/spec.md#combined-image-json--filesystem-changeset-format).
 */
async function writeArchive(archive: Pack, images: BuiltImage[]) {
    const entry = (name: string, content: string) =>
        pipeline([content], archive.entry({ name, size: Buffer.byteLength(content) }));
    const manifest: object[] = [];
    for (const { reference, layers: of, config } of images) {
        const rootfs = { type: "layers", diff_ids: of.map(({ digest }) => `sha256:${digest}`) };
        const history = of.map(() => ({ created_by: "pglog" }));
        const text = JSON.stringify({ architecture: "amd64", os: "linux", config, rootfs, history });
        const name = `${createHash("sha256").update(text).digest("hex")}.json`;
        await entry(name, text);
        manifest.push({ Config: name, RepoTags: [reference], Layers: of.map(({ digest }) => `${digest}.tar`) });
    }
    await entry("manifest.json", JSON.stringify(manifest));
    const files = new Map(images.flatMap((one) => one.layers).map(({ digest, file }) => [digest, file]));
    for (const [digest, file] of files)
        await pipeline(createReadStream(file), archive.entry({ name: `${digest}.tar`, size: statSync(file).size }));
    archive.finalize();
}

/** Pipes images to a program that reads such an archive from its standard input. */
export async function sendImages(images: BuiltImage[], program: string, args: string[]) {
    const child = spawn(program, args, { stdio: ["pipe", "ignore", "pipe"] });
    const said: Buffer[] = [];
    child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
    const ended = new Promise<number | null>((resolve, reject) => {
        child.on("error", reject);
        child.on("close", resolve);
    });
    const archive = tarPack();
    await Promise.all([writeArchive(archive, images), pipeline(archive, child.stdin)]);
    if ((await ended) !== 0) throw new Error(`${program} did not take the images: ${Buffer.concat(said).toString()}`);
}
