import type { Snapshot } from "../../render/snapshot";
import { takeSnapshot } from "../../render/takeSnapshot";

/** What a committed stack is made of. */
export async function snapshotOf(stack: string): Promise<Snapshot> {
    return (await takeSnapshot(stack, `Pulumi.${stack}.yaml`)).snapshot;
}
