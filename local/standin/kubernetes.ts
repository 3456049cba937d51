import { credentials } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { identity, idOf, isMissing, KubernetesCluster } from "./kubernetesCluster";
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
import { previewed } from "./kubernetesPreview";
import { hasFailed } from "./kubernetesReady";
import { withTexts } from "./kubernetesSecret";
import { untilGone, untilReady } from "./kubernetesWait";
import { fromStruct, serve, toStruct, unary, type Properties } from "./plugin";

/**
 * The stand-in for the Kubernetes provider. It creates, changes, waits for and deletes the kinds of objects that this
 * project uses, by the official provider's rules. It supports no Helm, no YAML and no patches, and does not read the
 * cluster's schema.
 */

const packageFile = join(__dirname, "..", "..", "node_modules", "@pulumi", "kubernetes", "package.json");
const { version } = JSON.parse(readFileSync(packageFile, "utf8")) as { version: string };
const engine = new EngineClient(process.argv[2] ?? "", credentials.createInsecure());
const replaceUnready = "pulumi.com/replaceUnready";

const cluster = new KubernetesCluster();
let mutable: Mutable = { configMaps: false, secrets: false };
const cancelled = new AbortController();

/** Has the engine show a message beside a resource. */
function say(urn: string, message: string) {
    const request = new LogRequest();
    request.setSeverity(LogSeverity.INFO);
    request.setUrn(urn);
    request.setMessage(message);
    request.setEphemeral(true);
    engine.log(request, () => undefined);
}

/** The timeout of a request, with everything that waiting needs. */
const waitOf = (request: { getTimeout: () => number }) => ({
    cluster,
    timeout: request.getTimeout(),
    signal: cancelled.signal,
});

function configure(request: pb.ConfigureRequest): pb.ConfigureResponse {
    const settings = new Map(
        request
            .getVariablesMap()
            .toArray()
            .map(([name, value]) => [name.replace("kubernetes:config:", ""), value]),
    );
    cluster.configure(settings.get("kubeconfig"), settings.get("context"));
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

/** The old and the new version of an object in a request, without the changes that the program ignores. */
function versions(request: pb.DiffRequest | pb.UpdateRequest) {
    const before = fromStruct(request.getOldInputs() ?? request.getOlds()) as NamedObject;
    const news = fromStruct(request.getNews()) as NamedObject;
    return { before, after: withoutIgnored(news, before, request.getIgnorechangesList()) as NamedObject };
}

/** The difference reported for an object that is replaced because it failed. */
const unready: Difference = { path: `metadata.annotations["${replaceUnready}"]`, kind: "UPDATE", replaces: true };

/**
 * True if an object has failed for good and its annotation asks for a replacement in that case
 * (https://github.com/pulumi/pulumi-kubernetes/blob/v4.32.0/provider/pkg/provider/provider.go#L1622).
 */
async function isToBeReplaced(object: NamedObject) {
    if (object.metadata.annotations?.[replaceUnready] !== "true" || !cluster.isConfigured) return false;
    const live = await cluster.read(identity(object)).catch(() => undefined);
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

async function create(request: pb.CreateRequest): Promise<pb.CreateResponse> {
    const inputs = fromStruct(request.getProperties()) as NamedObject;
    const response = new pb.CreateResponse();
    if (request.getPreview()) {
        response.setProperties(toStruct(await previewed(inputs, cluster, () => cluster.tryToCreate(inputs))));
        return response;
    }
    if (await cluster.exists(inputs)) throw new Error(`${inputs.kind} "${inputs.metadata.name}" already exists`);
    await cluster.apply(inputs);
    response.setId(idOf(inputs));
    response.setProperties(toStruct(await settled(request, inputs)));
    return response;
}

async function update(request: pb.UpdateRequest): Promise<pb.UpdateResponse> {
    const { after } = versions(request);
    const response = new pb.UpdateResponse();
    if (request.getPreview()) {
        const answer = await previewed(after, cluster, () => cluster.apply(after, { dryRun: true }));
        response.setProperties(toStruct({ ...fromStruct(request.getOlds()), ...answer }));
        return response;
    }
    await cluster.apply(after);
    response.setProperties(toStruct(await settled(request, after)));
    return response;
}

const settled = (request: pb.CreateRequest | pb.UpdateRequest, inputs: NamedObject) =>
    untilReady(inputs, waitOf(request), (message) => {
        say(request.getUrn(), message);
    });

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
        const live = await cluster.read({ apiVersion, kind, metadata: { name, namespace } });
        const whole = withTexts(live, inputs);
        const wanted = Object.keys(inputs).length > 0 ? pruned(whole, inputs) : live;
        response.setId(request.getId());
        response.setInputs(toStruct(wanted as Properties));
        response.setProperties(toStruct(whole));
    } catch (error) {
        if (!isMissing(error)) throw error; // an answer without an id tells the engine that the object is gone
    }
    return response;
}

async function remove(request: pb.DeleteRequest): Promise<Empty> {
    const object = fromStruct(request.getProperties()) as NamedObject;
    try {
        await cluster.delete(object);
    } catch (error) {
        if (isMissing(error)) return new Empty();
        throw error;
    }
    await untilGone(object, waitOf(request));
    return new Empty();
}

/** Accepts any configuration: the program checks it. */
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
