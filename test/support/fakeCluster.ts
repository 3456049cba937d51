import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import type { AddressInfo } from "node:net";

interface ApiObject {
    apiVersion: string;
    kind: string;
    metadata: { name: string; namespace?: string; uid?: string };
    data?: Record<string, string>;
    stringData?: Record<string, string>;
}

/** A request that changes something, or would without `dryRun`. */
interface Request {
    method: string;
    path: string;
    query: Record<string, string>;
    body?: unknown;
}

/** The kinds that it has, by plural. */
const kinds = {
    v1: { configmaps: "ConfigMap", pods: "Pod", secrets: "Secret" },
    "batch/v1": { jobs: "Job" },
};

/** A Kubernetes API server on loopback. It stores objects and starts nothing. */
export class FakeCluster {
    /** Objects by path. */
    readonly objects = new Map<string, ApiObject & Record<string, unknown>>();
    readonly requests: Request[] = [];
    /** Returns why an object is invalid, given the stored one of its name; undefined if it is valid. */
    refusal: (object: ApiObject, before?: ApiObject) => string | undefined = () => undefined;
    /** Number of reads that still find an object after its deletion. */
    lingers = 0;
    private readonly leaving = new Map<string, number>();
    private readonly server: Server = createServer((request, response) => {
        void this.answer(request, response);
    });

    async start() {
        this.server.listen(0, "127.0.0.1");
        await once(this.server, "listening");
    }

    stop() {
        this.server.closeAllConnections();
        this.server.close();
    }

    kubeconfig() {
        const { port } = this.server.address() as AddressInfo;
        return JSON.stringify({
            apiVersion: "v1",
            kind: "Config",
            clusters: [
                { name: "fake", cluster: { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true } },
            ],
            users: [{ name: "nobody", user: {} }],
            contexts: [{ name: "fake", context: { cluster: "fake", user: "nobody" } }],
            "current-context": "fake",
        });
    }

    private async answer(incoming: IncomingMessage, response: ServerResponse) {
        const { pathname: path, searchParams } = new URL(incoming.url!, "http://fake");
        const method = incoming.method!;
        const body = await text(incoming);
        const object = body === "" ? undefined : (JSON.parse(body) as ApiObject);
        const query = Object.fromEntries(searchParams);
        if (method !== "GET") this.requests.push({ method, path, query, body: object });
        const [code, said] = this.respond(method, path, query.dryRun === "All", object);
        response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(said));
    }

    private respond(method: string, path: string, trial: boolean, object?: ApiObject): [code: number, said: unknown] {
        for (const [version, names] of Object.entries(kinds))
            if (path === (version === "v1" ? "/api/v1" : `/apis/${version}`))
                return [200, resourceList(version, names)];
        if (object !== undefined && (method === "POST" || method === "PATCH")) {
            const place = method === "POST" ? `${path}/${object.metadata.name}` : path;
            const before = this.objects.get(place);
            const reason = this.refusal(object, method === "PATCH" ? before : undefined);
            if (reason !== undefined) return status(422, reason);
            if (method === "POST" && before !== undefined) return status(409, `${place} already exists`);
            const stored = asStored(object);
            if (!trial) this.objects.set(place, stored);
            return [200, stored];
        }
        const last = path.split("/").at(-1)!;
        if (Object.values(kinds).some((names) => last in names))
            return [200, { items: [...this.objects].flatMap(([at, one]) => (at.startsWith(`${path}/`) ? [one] : [])) }];
        const found = this.objects.get(path);
        if (found === undefined) return status(404, `${path} not found`, { name: last });
        if (method === "DELETE") this.leaving.set(path, this.lingers);
        else if (this.leaving.get(path) === 0) {
            this.objects.delete(path);
            this.leaving.delete(path);
            return status(404, `${path} not found`, { name: last });
        } else if (this.leaving.has(path)) this.leaving.set(path, this.leaving.get(path)! - 1);
        return [200, found];
    }
}

/** A cluster adds a uid, and stores a Secret's texts in its data. */
function asStored({ stringData, ...object }: ApiObject) {
    const texts = Object.entries(stringData ?? {}).map(([name, value]) => [
        name,
        Buffer.from(value).toString("base64"),
    ]);
    const data = { ...object.data, ...(Object.fromEntries(texts) as Record<string, string>) };
    return {
        ...object,
        metadata: { ...object.metadata, uid: "5f0c" },
        ...(Object.keys(data).length > 0 && { data }),
    };
}

function resourceList(groupVersion: string, names: Record<string, string>) {
    const resources = Object.entries(names).map(([name, kind]) => ({ name, kind, namespaced: true, verbs: [] }));
    return { kind: "APIResourceList", apiVersion: "v1", groupVersion, resources };
}

const status = (code: number, message: string, details = {}): [code: number, said: unknown] => [
    code,
    { kind: "Status", apiVersion: "v1", status: "Failure", code, message, details },
];
