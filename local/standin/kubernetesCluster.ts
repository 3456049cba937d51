import {
    ApiException,
    KubeConfig,
    KubernetesObjectApi,
    PatchStrategy,
    type KubernetesObject as ApiObject,
} from "@kubernetes/client-node";
import type { NamedObject } from "./kubernetesDiff";
import type { Reader } from "./kubernetesReady";

const fieldManager = "pulumi-kubernetes";

/** An object as the client's type. The client finds the kind in the object's fields. */
const toApi = (object: object) =>
    object as ApiObject & { apiVersion: string; kind: string; metadata: { name: string; namespace: string } };
const fromApi = (object: object) => JSON.parse(JSON.stringify(object)) as NamedObject;

/** The fields that identify an object in its cluster. */
export const identity = ({ apiVersion, kind, metadata: { name, namespace } }: NamedObject) => ({
    apiVersion,
    kind,
    metadata: { name, namespace },
});
/** The id under which the engine stores an object. */
export const idOf = ({ metadata: { namespace, name } }: NamedObject) =>
    namespace === undefined ? name : `${namespace}/${name}`;

/** The client's message where the cluster does not serve a kind. */
const unknownKind = /^Failed to fetch resource metadata for (\S+)\/(\w+): HTTP-Code: 404/;

/** Replaces the client's message by the cluster's, if it gave one. */
function explained(error: unknown): Error {
    const [, version, kind] = unknownKind.exec((error as Error).message) ?? [];
    if (kind !== undefined)
        return new Error(
            `no matches for kind "${kind}" in version "${version!}": the cluster lacks its CustomResourceDefinition`,
            { cause: error },
        );
    if (!(error instanceof ApiException)) return error as Error;
    const body = error.body as unknown;
    try {
        const { message } = (typeof body === "string" ? JSON.parse(body) : body) as { message?: string };
        return new Error(message ?? error.message, { cause: error });
    } catch {
        return new Error(error.message, { cause: error });
    }
}

/** The HTTP status in an error; undefined if it did not come from the cluster. */
export function codeOf(error: unknown) {
    const { cause } = error as { cause?: unknown };
    return cause instanceof ApiException ? cause.code : undefined;
}

/** True if the cluster has no such object. A server that is no Kubernetes answers 404 too, but gives no name. */
export function isMissing(error: unknown) {
    const { cause } = error as { cause?: { body?: unknown } };
    const body = typeof cause?.body === "string" ? cause.body : JSON.stringify(cause?.body ?? "");
    return codeOf(error) === 404 && /"details":\s*\{[^}]*"name"/.test(body);
}

/** The cluster that the provider is configured to use. Every request throws the cluster's message if it fails. */
export class KubernetesCluster implements Reader {
    private api: KubernetesObjectApi | undefined;
    private unreachable = "the provider is not configured";

    /**
     * Reads a kubeconfig. If that fails, each later request throws the reason.
     *
     * @param kubeconfig its path or its content
     * @param context @default the kubeconfig's current context
     */
    configure(kubeconfig: string | undefined, context: string | undefined) {
        const config = new KubeConfig();
        try {
            if (kubeconfig?.trimStart().startsWith("/")) config.loadFromFile(kubeconfig);
            else if (kubeconfig !== undefined) config.loadFromString(kubeconfig);
            else config.loadFromDefault();
            if (context !== undefined) config.setCurrentContext(context);
            this.api = KubernetesObjectApi.makeApiClient(config);
        } catch (error) {
            this.unreachable = (error as Error).message;
        }
    }

    get isConfigured() {
        return this.api !== undefined;
    }

    async read(object: { apiVersion: string; kind: string; metadata: { name: string; namespace?: string } }) {
        return fromApi(await this.ask((api) => api.read(toApi(object))));
    }

    async list(apiVersion: string, kind: string, namespace: string, labels: string) {
        const { items } = await this.ask((api) =>
            api.list(apiVersion, kind, namespace, undefined, undefined, undefined, undefined, labels),
        );
        return items.map(fromApi);
    }

    async exists(object: NamedObject) {
        try {
            await this.read(identity(object));
            return true;
        } catch (error) {
            if (isMissing(error)) return false;
            throw error;
        }
    }

    /**
     * Creates or changes an object by server-side apply. The cluster then removes the fields that a later version leaves
     * out. After a plain create it would not: a different field manager would own them.
     */
    async apply(object: NamedObject, { dryRun = false } = {}) {
        const mode = dryRun ? "All" : undefined;
        return fromApi(
            await this.ask((api) =>
                api.patch(toApi(object), undefined, mode, fieldManager, true, PatchStrategy.ServerSideApply),
            ),
        );
    }

    /**
     * Asks what the cluster would create. This is no dry run of {@link apply}: an object of the same name may be
     * deleted first, and applying could not turn that object into the new one.
     */
    async tryToCreate(object: NamedObject) {
        return fromApi(await this.ask((api) => api.create(toApi(object), undefined, "All", fieldManager)));
    }

    /** Starts the deletion of an object. */
    async delete(object: NamedObject) {
        await this.ask((api) =>
            api.delete(toApi(identity(object)), undefined, undefined, undefined, undefined, "Foreground"),
        );
    }

    private async ask<Answer>(question: (api: KubernetesObjectApi) => Promise<Answer>): Promise<Answer> {
        if (this.api === undefined)
            throw new Error(`configured Kubernetes cluster is unreachable: ${this.unreachable}`);
        try {
            return await question(this.api);
        } catch (error) {
            throw explained(error);
        }
    }
}
