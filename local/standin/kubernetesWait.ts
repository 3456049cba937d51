import { Metadata, status as grpcStatus } from "@grpc/grpc-js";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb.js";
import { setTimeout as sleep } from "node:timers/promises";
import { identity, idOf, isMissing, type KubernetesCluster } from "./kubernetesCluster";
import type { NamedObject } from "./kubernetesDiff";
import { waitsFor } from "./kubernetesReady";
import { withTexts } from "./kubernetesSecret";
import { StatusError, toStruct, type Properties } from "./plugin";

/** Seconds that an object may take to become ready, or to disappear. */
const defaultTimeout = 600;
const interval = 500;

/** The limits of a wait. */
interface Wait {
    cluster: KubernetesCluster;
    /** Seconds; 0 for the default. */
    timeout: number;
    /** Ends the wait early. */
    signal: AbortSignal;
}

/**
 * Waits until an object is ready.
 *
 * @param say called with each thing that the object waits for
 * @throws StatusError if it does not become ready; the engine then keeps the object, with the reason
 */
export async function untilReady(
    inputs: NamedObject,
    { cluster, timeout, signal }: Wait,
    say: (message: string) => void,
): Promise<Properties> {
    const end = Date.now() + (timeout || defaultTimeout) * 1000;
    let said: string | undefined;
    try {
        for (;;) {
            const live = await cluster.read(identity(inputs));
            const missing = await waitsFor(live, cluster);
            if (missing === undefined) return withTexts(live, inputs);
            if (missing !== said) say(`waiting for ${missing}`);
            said = missing;
            if (Date.now() > end) throw new Error(`${inputs.kind} ${idOf(inputs)} still waits for ${missing}`);
            await sleep(interval, undefined, { signal });
        }
    } catch (error) {
        const live = await cluster.read(identity(inputs)).catch(() => inputs);
        throw initFailed(inputs, live, (error as Error).message);
    }
}

/** Tells the engine to keep an object that exists but never became ready. */
function initFailed(inputs: NamedObject, live: Properties, reason: string): StatusError {
    const failed = new pb.ErrorResourceInitFailed();
    failed.setId(idOf(inputs));
    failed.setProperties(toStruct(withTexts(live, inputs)));
    failed.setInputs(toStruct(inputs));
    failed.setReasonsList([reason]);
    const detail = new Any();
    detail.pack(failed.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const message = new Status();
    message.setCode(grpcStatus.UNKNOWN);
    message.setMessage(reason);
    message.addDetails(detail);
    const metadata = new Metadata();
    metadata.add("grpc-status-details-bin", Buffer.from(message.serializeBinary()));
    return new StatusError(reason, metadata);
}

/** Waits until an object no longer exists. A new object of the same name does not count. */
export async function untilGone(object: NamedObject, { cluster, timeout, signal }: Wait) {
    const { uid } = object.metadata;
    const end = Date.now() + (timeout || defaultTimeout) * 1000;
    for (;;) {
        const live = await cluster.read(identity(object)).catch(undefinedIfMissing);
        if (live === undefined || (uid !== undefined && live.metadata.uid !== uid)) return;
        if (Date.now() > end) throw new Error(`${object.kind} ${idOf(object)} is still there`);
        await sleep(interval, undefined, { signal });
    }
}

function undefinedIfMissing(error: unknown) {
    if (isMissing(error)) return undefined;
    throw error;
}
