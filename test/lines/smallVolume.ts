import type { Namespace } from "../e2e/namespace";
import type { Node } from "./node";

/**
 * Limits the size of a stack's log volume. The local environment's volumes are directories on the machine's disk, without
 * a size limit. So a file system in memory is mounted over one, which can really be full.
 */
export class SmallVolume {
    private constructor(
        private readonly node: Node,
        private readonly path: string,
    ) {}

    /** Pods see the mount if they start after it. */
    static async put(node: Node, cluster: Namespace, size: string): Promise<SmallVolume> {
        const claim = await cluster.get<{ spec: { volumeName: string } }>("pvc", "postgres-log-queue");
        const { spec } = await cluster.get<{ spec: { hostPath?: { path: string }; local?: { path: string } } }>(
            "pv",
            claim.spec.volumeName,
        );
        const volume = new SmallVolume(node, (spec.hostPath ?? spec.local)!.path);
        await node.run("mount", "-t", "tmpfs", "-o", `size=${size},mode=0777`, "tmpfs", volume.path);
        return volume;
    }

    /** Free bytes. */
    async free(): Promise<number> {
        return Number((await this.node.run("df", "--output=avail", "-B1", this.path)).split("\n")[1]);
    }

    /** A foreign file that leaves a number of bytes free. */
    async fill(left: number) {
        const type = (await this.node.run("stat", "--file-system", "--format=%T", this.path)).trim();
        if (type !== "tmpfs")
            throw new Error(`${this.path} is on ${type}: filling that would fill this machine's disk`);
        const size = Math.max(1, (await this.free()) - left);
        await this.node.run("fallocate", "--length", String(size), `${this.path}/stranger`);
    }

    async takeFileAway() {
        await this.node.run("rm", "--force", `${this.path}/stranger`);
    }

    /** Unmounts the file system. Pods that still use it keep it. */
    async remove() {
        await this.node.run("umount", "--lazy", this.path);
    }
}
