import { join } from "node:path";
import { sendImages } from "../build/imageArchive";
import type { Image } from "../build/images";
import { programs } from "../machine/cache";
import { until } from "../machine/command";
import { containerdSocket } from "./files";
import type { Namespaces } from "./namespaces";

const toSocket = ["--address", containerdSocket, "--namespace", "k8s.io"];

/** The containers and images of the node. */
export class Containers {
    constructor(private readonly namespaces: Namespaces) {}

    /** True once containerd answers. */
    async isReady() {
        return (await this.ctr("version")) !== undefined;
    }

    /** Loads the images that the node does not have. */
    async load(images: Image[]) {
        const there = ((await this.ctr("images", "ls", "--quiet")) ?? "").split("\n");
        const missing = images.filter(({ reference }) => !there.includes(reference));
        if (missing.length === 0) return;
        const load = [...toSocket, "images", "import"];
        const built = missing.filter((image) => "layers" in image);
        if (built.length > 0) await sendImages(built, "nsenter", this.namespaces.enter("ctr", [...load, "-"]));
        for (const image of missing) if ("archive" in image) await this.namespaces.run("ctr", [...load, image.archive]);
    }

    /** Ends all containers with SIGTERM and waits up to 15 seconds. Does not fail if some still run. */
    async end() {
        const kubelet = join(programs, "kubelet");
        if (this.namespaces.started(kubelet) === undefined) return;
        // kubelet ends first: it would start the containers again.
        await this.namespaces.run("pkill", ["-TERM", "-x", "kubelet"]).catch(() => undefined);
        await until("the end of kubelet", 20, async () =>
            Promise.resolve(this.namespaces.started(kubelet) === undefined),
        ).catch(() => undefined);
        for (const task of await this.running()) await this.ctr("tasks", "kill", "--signal", "SIGTERM", task);
        await until("the end of the containers", 15, async () => (await this.running()).length === 0).catch(
            () => undefined,
        );
    }

    private async running() {
        return ((await this.ctr("tasks", "ls")) ?? "")
            .split("\n")
            .filter((line) => line.endsWith("RUNNING"))
            .map((line) => line.split(/\s+/)[0]!);
    }

    private async ctr(...args: string[]) {
        try {
            return await this.namespaces.run("ctr", [...toSocket, ...args]);
        } catch {
            return undefined;
        }
    }
}
