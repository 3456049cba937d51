import { createHash } from "node:crypto";
import { createReadStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fingerprint, imageFiles, make } from "../machine/cache";
import { command } from "../machine/command";

/** A layer of an image: a tar archive of files, and the SHA-256 digest by which images refer to it. */
export interface Layer {
    file: string;
    digest: string;
}

/** The file of a layer in the cache. */
export const layerFile = (name: string) => join(imageFiles, "layers", `${name}.tar`);

/** Packs a directory as a layer. The same files give the same bytes. */
export async function pack(directory: string, file: string) {
    const flags = ["--numeric-owner", "--sort=name", "--mtime=@0", "--create", "--file", file];
    await command("tar", ["--directory", directory, ...flags, "."]);
}

/** Adds the digest to a layer. Reading the whole file takes seconds, so the digest is kept beside it. */
export async function digested(file: string): Promise<Layer> {
    const note = `${file}.sha256`;
    await make(note, readFileSync(`${file}.from`, "utf8"), async (partial) => {
        const hash = createHash("sha256");
        await pipeline(createReadStream(file), hash);
        writeFileSync(partial, hash.digest("hex"));
    });
    return { file, digest: readFileSync(note, "utf8") };
}

/**
 * Makes a layer, unless the cache has it.
 *
 * @param inputs fingerprint of what it is made from
 * @param fill writes the layer's files into `directory`; `scratch` is for temporary files
 */
export async function layer(
    name: string,
    inputs: string,
    fill: (directory: string, scratch: string) => Promise<unknown>,
): Promise<Layer> {
    const file = layerFile(name);
    await make(file, inputs, async (partial) => {
        const work = mkdtempSync(join(imageFiles, `${name}-`));
        const [directory, scratch] = [join(work, "files"), join(work, "scratch")];
        mkdirSync(directory);
        mkdirSync(scratch);
        try {
            await fill(directory, scratch);
            await pack(directory, partial);
        } finally {
            rmSync(work, { recursive: true });
        }
    });
    return digested(file);
}

/** Makes a layer that contains one program, in the directory `place`. */
export async function programLayer(name: string, program: string, place: string): Promise<Layer> {
    return layer(name, fingerprint(readFileSync(program)), (directory) => {
        const target = join(directory, place);
        mkdirSync(target, { recursive: true });
        return command("cp", [program, target]);
    });
}
