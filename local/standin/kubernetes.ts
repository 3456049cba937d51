import { credentials, Metadata, status as grpcStatus } from "@grpc/grpc-js";
import {
    ApiException,
    KubeConfig,
    KubernetesObjectApi,
    PatchStrategy,
    type KubernetesObject as ApiObject,
} from "@kubernetes/client-node";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { unknownValue } from "@pulumi/pulumi/runtime/rpc";
import { Any } from "google-protobuf/google/protobuf/any_pb.js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
    differences,
    isInTheWay,
    named,
    pruned,
    withoutIgnored,
    type Difference,
    type KubernetesObject,
    type Mutable,
    type NamedObject,
} from "./kubernetesDiff";
import { hasFailed, waitsFor, type Reader } from "./kubernetesReady";
import { withTexts } from "./kubernetesSecret";
import { fromStruct, serve, StatusError, toStruct, unary, type Properties } from "./plugin";

/**
 * Stands in for the Kubernetes provider: makes, changes, waits for and removes the kinds of objects that this project
 * makes, by the official provider's rules. It has no Helm, no YAML, no patches, and does not look into a cluster's schema.
 */

const packageFile = join(__dirname, "..", "..", "node_modules", "@pulumi", "kubernetes", "package.json");
const { version } = JSON.parse(readFileSync(packageFile, "utf8")) as { version: string };
const engine = new EngineClient(process.argv[2] ?? "", credentials.createInsecure());
const fieldManager = "pulumi-kubernetes";
const replaceUnready = "pulumi.com/replaceUnready";
/** Seconds that an object gets to become ready, or to go. */
const defaultTimeout = 600;

let api: KubernetesObjectApi | undefined;
let unreachable = "the provider is not configured";
let mutable: Mutable = { configMaps: false, secrets: false };
const cancelled = new AbortController();

/** An object to the client, which knows its kinds by their fields. */
const toApi = (object: object) =>
    object as ApiObject & { apiVersion: string; kind: string; metadata: { name: string; namespace: string } };
const fromApi = (object: object) => JSON.parse(JSON.stringify(object)) as NamedObject;

/** The cluster's own words, where it has some. */
function explained(error: unknown): Error {
    if (!(error instanceof ApiException)) return error as Error;
    const body = error.body as unknown;
    try {
        const { message } = (typeof body === "string" ? JSON.parse(body) : body) as { message?: string };
        return new Error(message ?? error.message, { cause: error });
    } catch {
        return new Error(error.message, { cause: error });
    }
}

async function ask<Answer>(question: (cluster: KubernetesObjectApi) => Promise<Answer>): Promise<Answer> {
    if (api === undefined) throw new Error(`configured Kubernetes cluster is unreachable: ${unreachable}`);
    try {
        return await question(api);
    } catch (error) {
        throw explained(error);
    }
}

/** The cluster's status code of an error. */
function codeOf(error: unknown) {
    const { cause } = error as { cause?: unknown };
    return cause instanceof ApiException ? cause.code : undefined;
}

/** Whether the cluster says that it has no such object. A server that knows nothing at all says 404 too, and no name. */
function isMissing(error: unknown) {
    const { cause } = error as { cause?: { body?: unknown } };
    const body = typeof cause?.body === "string" ? cause.body : JSON.stringify(cause?.body ?? "");
    return codeOf(error) === 404 && /"details":\s*\{[^}]*"name"/.test(body);
}

const reader: Reader = {
    read: async (object) => fromApi(await ask((cluster) => cluster.read(toApi(object)))),
    list: async (apiVersion, kind, namespace, labels) => {
        const { items } = await ask((cluster) =>
            cluster.list(apiVersion, kind, namespace, undefined, undefined, undefined, undefined, labels),
        );
        return items.map(fromApi);
    },
};

const identity = ({ apiVersion, kind, metadata: { name, namespace } }: NamedObject) => ({
    apiVersion,
    kind,
    metadata: { name, namespace },
});
const idOf = ({ metadata: { namespace, name } }: NamedObject) =>
    namespace === undefined ? name : `${namespace}/${name}`;

function say(urn: string, message: string) {
    const request = new LogRequest();
    request.setSeverity(LogSeverity.INFO);
    request.setUrn(urn);
    request.setMessage(message);
    request.setEphemeral(true);
    engine.log(request, () => undefined);
}

function configure(request: pb.ConfigureRequest): pb.ConfigureResponse {
    const settings = new Map(
        request
            .getVariablesMap()
            .toArray()
            .map(([name, value]) => [name.replace("kubernetes:config:", ""), value]),
    );
    const config = new KubeConfig();
    try {
        const given = settings.get("kubeconfig");
        if (given?.trimStart().startsWith("/")) config.loadFromFile(given);
        else if (given !== undefined) config.loadFromString(given);
        else config.loadFromDefault();
        const context = settings.get("context");
        if (context !== undefined) config.setCurrentContext(context);
        api = KubernetesObjectApi.makeApiClient(config);
    } catch (error) {
        unreachable = (error as Error).message;
    }
    mutable = {
        configMaps: settings.get("enableConfigMapMutable") === "true",
        secrets: settings.get("enableSecretMutable") === "true",
    };
    const response = new pb.ConfigureResponse();
    response.setSupportspreview(true);
    return response;
}

function check(request: pb.CheckRequest): pb.CheckResponse {
    const before = request.getOlds() && (fromStruct(request.getOlds()) as KubernetesObject);
    const resource = request.getName() || request.getUrn().split("::").at(-1)!;
    const object = named(
        fromStruct(request.getNews()) as KubernetesObject,
        before?.metadata ? before : undefined,
        resource,
        request.getRandomseed_asU8(),
    );
    const response = new pb.CheckResponse();
    response.setInputs(toStruct(object));
    return response;
}

/** Both versions of an object in a request, the new one without what the program says to leave alone. */
function versions(request: pb.DiffRequest | pb.UpdateRequest) {
    const before = fromStruct(request.getOldInputs() ?? request.getOlds()) as NamedObject;
    const news = fromStruct(request.getNews()) as NamedObject;
    return { before, after: withoutIgnored(news, before, request.getIgnorechangesList()) as NamedObject };
}

/** What differs of an object that is to be made anew because it failed. */
const unready: Difference = { path: `metadata.annotations["${replaceUnready}"]`, kind: "UPDATE", replaces: true };

/**
 * Whether an object has failed for good, and says that it is to be made anew then
 * (https://github.com/pulumi/pulumi-kubernetes/blob/v4.32.0/provider/pkg/provider/provider.go#L1622).
 */
async function isToBeReplaced(object: NamedObject) {
    if (object.metadata.annotations?.[replaceUnready] !== "true" || api === undefined) return false;
    const live = await reader.read(identity(object)).catch(() => undefined);
    return live !== undefined && hasFailed(live);
}

async function diff(request: pb.DiffRequest): Promise<pb.DiffResponse> {
    const { before, after } = versions(request);
    const found = differences(before, after, mutable);
    if (await isToBeReplaced(after)) found.push(unready);
    const response = new pb.DiffResponse();
    const { DIFF_SOME, DIFF_NONE } = pb.DiffResponse.DiffChanges;
    response.setChanges(found.length > 0 ? DIFF_SOME : DIFF_NONE);
    response.setHasdetaileddiff(true);
    for (const { path, kind, replaces } of found) {
        const detail = new pb.PropertyDiff();
        detail.setInputdiff(true);
        detail.setKind(pb.PropertyDiff.Kind[replaces ? (`${kind}_REPLACE` as const) : kind]);
        response.getDetaileddiffMap().set(path, detail);
    }
    const replaces = found.filter((difference) => difference.replaces).map(({ path }) => path);
    response.setReplacesList(replaces);
    response.setDiffsList([...new Set(found.map(({ path }) => path.split(/[.[]/)[0]!))]);
    response.setDeletebeforereplace(replaces.length > 0 && isInTheWay(before, after));
    return response;
}

/**
 * What a preview may say of an object: the cluster's answer to a trial run, or what the program gives where the cluster
 * cannot be asked yet.
 *
 * @throws where the cluster says that the object is wrong
 */
async function tried(
    inputs: NamedObject,
    trial: (cluster: KubernetesObjectApi) => Promise<object>,
): Promise<Properties> {
    const { spec } = inputs as { spec?: Properties };
    const address = inputs.kind === "Service" && spec?.clusterIP === undefined ? { clusterIP: unknownValue } : {};
    const withUnknowns = (object: NamedObject) => ({
        ...object,
        metadata: { ...object.metadata, uid: unknownValue },
        ...(object.spec !== undefined && { spec: { ...(object.spec as Properties), ...address } }),
        status: unknownValue,
    });
    if (api === undefined || JSON.stringify(inputs).includes(unknownValue)) return withUnknowns(inputs);
    try {
        const answer = await ask(trial);
        return withUnknowns(withTexts(fromApi(answer), inputs) as NamedObject);
    } catch (error) {
        const code = codeOf(error);
        if (code === 400 || code === 422) throw error;
        // No cluster, or a namespace that is yet to come, or an object that has the name and is yet to go
        // (https://github.com/pulumi/pulumi-kubernetes/blob/v4.32.0/provider/pkg/provider/provider.go#L1798).
        return withUnknowns(inputs);
    }
}

/** Waits until an object is ready; one that does not become so is kept by the engine, with the reason. */
async function settled(urn: string, inputs: NamedObject, seconds: number): Promise<Properties> {
    const end = Date.now() + (seconds || defaultTimeout) * 1000;
    let said: string | undefined;
    try {
        for (;;) {
            const live = await reader.read(identity(inputs));
            const missing = await waitsFor(live, reader);
            if (missing === undefined) return withTexts(live, inputs);
            if (missing !== said) say(urn, `waiting for ${missing}`);
            said = missing;
            if (Date.now() > end) throw new Error(`${inputs.kind} ${idOf(inputs)} still waits for ${missing}`);
            await sleep(500, undefined, { signal: cancelled.signal });
        }
    } catch (error) {
        const live = await reader.read(identity(inputs)).catch(() => inputs);
        throw initFailed(inputs, live, (error as Error).message);
    }
}

/** What the engine needs to keep an object that is there and never became ready. */
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

/**
 * Applies an object, so that what a later version leaves out is taken away by the cluster. One that is made by a plain
 * request would belong to another owner of the same name.
 */
const apply = (object: NamedObject, dryRun?: string) => (cluster: KubernetesObjectApi) =>
    cluster.patch(toApi(object), undefined, dryRun, fieldManager, true, PatchStrategy.ServerSideApply);

async function exists(object: NamedObject) {
    try {
        await reader.read(identity(object));
        return true;
    } catch (error) {
        if (isMissing(error)) return false;
        throw error;
    }
}

async function create(request: pb.CreateRequest): Promise<pb.CreateResponse> {
    const inputs = fromStruct(request.getProperties()) as NamedObject;
    const response = new pb.CreateResponse();
    if (request.getPreview()) {
        // No trial of applying: what has the name now may be deleted before this one is made, and could not become it.
        const trial = (cluster: KubernetesObjectApi) => cluster.create(toApi(inputs), undefined, "All", fieldManager);
        response.setProperties(toStruct(await tried(inputs, trial)));
        return response;
    }
    if (await exists(inputs)) throw new Error(`${inputs.kind} "${inputs.metadata.name}" already exists`);
    await ask(apply(inputs));
    response.setId(idOf(inputs));
    response.setProperties(toStruct(await settled(request.getUrn(), inputs, request.getTimeout())));
    return response;
}

async function update(request: pb.UpdateRequest): Promise<pb.UpdateResponse> {
    const { after } = versions(request);
    const response = new pb.UpdateResponse();
    if (request.getPreview()) {
        response.setProperties(
            toStruct({ ...fromStruct(request.getOlds()), ...(await tried(after, apply(after, "All"))) }),
        );
        return response;
    }
    await ask(apply(after));
    response.setProperties(toStruct(await settled(request.getUrn(), after, request.getTimeout())));
    return response;
}

async function read(request: pb.ReadRequest): Promise<pb.ReadResponse> {
    const response = new pb.ReadResponse();
    const inputs = fromStruct(request.getInputs()) as Partial<KubernetesObject>;
    const [name = "", namespace] = request.getId().split("/").reverse();
    const [group = "", kind = ""] = request
        .getUrn()
        .split("::")[2]!
        .split("$")
        .at(-1)!
        .replace("kubernetes:", "")
        .split(":");
    const apiVersion = inputs.apiVersion ?? group.replace(/^core\//, "");
    try {
        const live = await reader.read({ apiVersion, kind, metadata: { name, namespace } });
        const whole = withTexts(live, inputs);
        const wanted = Object.keys(inputs).length > 0 ? pruned(whole, inputs) : live;
        response.setId(request.getId());
        response.setInputs(toStruct(wanted as Properties));
        response.setProperties(toStruct(whole));
    } catch (error) {
        if (!isMissing(error)) throw error; // without an id the engine takes it for gone
    }
    return response;
}

async function remove(request: pb.DeleteRequest): Promise<Empty> {
    const object = fromStruct(request.getProperties()) as NamedObject;
    const gone = (error: unknown) => {
        if (isMissing(error)) return undefined;
        throw error;
    };
    const deleted = await ask((cluster) =>
        cluster.delete(toApi(identity(object)), undefined, undefined, undefined, undefined, "Foreground"),
    ).catch(gone);
    if (deleted === undefined) return new Empty();
    const end = Date.now() + (request.getTimeout() || defaultTimeout) * 1000;
    for (;;) {
        const live = await reader.read(identity(object)).catch(gone);
        if (live === undefined || (object.metadata.uid !== undefined && live.metadata.uid !== object.metadata.uid))
            return new Empty();
        if (Date.now() > end) throw new Error(`${object.kind} ${idOf(object)} is still there`);
        await sleep(500, undefined, { signal: cancelled.signal });
    }
}

/** A request to check a configuration: the program's own checks are enough. */
function accept(request: pb.CheckRequest) {
    const response = new pb.CheckResponse();
    response.setInputs(request.getNews());
    return response;
}

serve(ResourceProviderService, {
    handshake: unary(() => new pb.ProviderHandshakeResponse()),
    getPluginInfo: unary(() => {
        const info = new PluginInfo();
        info.setVersion(version);
        return info;
    }),
    getSchema: unary(() => {
        const response = new pb.GetSchemaResponse();
        response.setSchema("{}");
        return response;
    }),
    checkConfig: unary(accept),
    diffConfig: unary(() => new pb.DiffResponse()),
    configure: unary(configure),
    check: unary(check),
    diff: unary(diff),
    create: unary(create),
    update: unary(update),
    read: unary(read),
    delete: unary(remove),
    cancel: unary(() => {
        cancelled.abort();
        return new Empty();
    }),
});
