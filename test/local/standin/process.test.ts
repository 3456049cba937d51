import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import type { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import {
    CheckRequest,
    ConfigureRequest,
    CreateRequest,
    DeleteRequest,
    DiffRequest,
    DiffResponse,
    UpdateRequest,
    type CheckResponse,
    type ConfigureResponse,
    type CreateResponse,
    type UpdateResponse,
} from "@pulumi/pulumi/proto/provider_pb";
import type { KubernetesObject } from "../../../local/standin/kubernetesDiff";
import { fromStruct, toStruct } from "../../../local/standin/plugin";
import { serve, type Answer, type Request } from "../../support/sandbox";

const urn = "urn:pulumi:test::pglog::kubernetes:core/v1:Secret::db";

/** An API server with Secrets in one namespace. It stores any object, except one with a key named "refused". */
class FakeApi {
    readonly stored = new Map<string, KubernetesObject>();

    answer = ({ method, path, body }: Request): Answer => {
        const { pathname, searchParams } = new URL(path, "http://api");
        if (pathname === "/api/v1") {
            const resources = [{ name: "secrets", kind: "Secret", namespaced: true }];
            return [200, { kind: "APIResourceList", groupVersion: "v1", resources }];
        }
        if (!pathname.startsWith("/api/v1/"))
            return [404, { kind: "Status", message: "no such resource", details: {} }];
        const name = pathname.replace("/api/v1/namespaces/ns/secrets/", "");
        const gone: Answer = [404, { kind: "Status", message: `secrets "${name}" not found`, details: { name } }];
        if (method === "PATCH" || method === "POST") {
            const applied = JSON.parse(body) as KubernetesObject;
            if (JSON.stringify(applied.stringData).includes("refused"))
                return [422, { kind: "Status", message: "Secret is invalid", code: 422 }];
            const object = { ...applied, metadata: { ...applied.metadata, uid: "1" }, data: { key: "dmFsdWU=" } };
            if (searchParams.get("dryRun") === null) this.stored.set(name, object);
            return [200, object];
        }
        const found = this.stored.get(name);
        if (found === undefined) return gone;
        if (method === "DELETE") this.stored.delete(name);
        return [200, method === "DELETE" ? { kind: "Status", status: "Success" } : found];
    };
}

describe("the Kubernetes stand-in as a plugin", () => {
    const api = new FakeApi();
    let server: Awaited<ReturnType<typeof serve>>;
    let plugin: ChildProcess;
    let client: ResourceProviderClient;

    /** Calls a method of the plugin. */
    function ask<Answered>(question: (done: (error: ServiceError | null, response: Answered) => void) => unknown) {
        return new Promise<Answered>((resolve, reject) => {
            question((error, response) => {
                if (error) reject(error);
                else resolve(response);
            });
        });
    }
    const asked = {
        configure: (request: ConfigureRequest) => ask<ConfigureResponse>((done) => client.configure(request, done)),
        check: (request: CheckRequest) => ask<CheckResponse>((done) => client.check(request, done)),
        diff: (request: DiffRequest) => ask<DiffResponse>((done) => client.diff(request, done)),
        create: (request: CreateRequest) => ask<CreateResponse>((done) => client.create(request, done)),
        update: (request: UpdateRequest) => ask<UpdateResponse>((done) => client.update(request, done)),
        delete: (request: DeleteRequest) => ask<Empty>((done) => client.delete(request, done)),
    };

    before(async () => {
        server = await serve(api.answer);
        const entry = join("local", "standin", "kubernetes.ts");
        plugin = spawn(process.execPath, ["start/command.cjs", entry, "127.0.0.1:1"], {
            stdio: ["ignore", "pipe", "inherit"],
        });
        const [port] = (await once(createInterface(plugin.stdout!), "line")) as [string];
        client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
        const request = new ConfigureRequest();
        request.getVariablesMap().set(
            "kubernetes:config:kubeconfig",
            JSON.stringify({
                apiVersion: "v1",
                kind: "Config",
                "current-context": "fake",
                contexts: [{ name: "fake", context: { cluster: "fake", user: "fake" } }],
                clusters: [{ name: "fake", cluster: { server: server.url, "insecure-skip-tls-verify": true } }],
                users: [{ name: "fake", user: {} }],
            }),
        );
        await asked.configure(request);
    });

    after(async () => {
        client.close();
        const exited = once(plugin, "exit");
        process.kill(plugin.pid!, "SIGKILL");
        await exited;
        await server.close();
    });

    const inputs = {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "db", namespace: "ns" },
        stringData: { key: "value" },
    };
    const refused = { ...inputs, stringData: { refused: "value" } };

    it("names an object without a name", async () => {
        const news = toStruct({ ...inputs, metadata: { namespace: "ns" } });
        const request = new CheckRequest().setUrn(urn).setNews(news).setRandomseed(Buffer.from("seed"));
        const { metadata } = fromStruct((await asked.check(request)).getInputs()) as KubernetesObject;
        assert.equal(metadata.name, "db-19b25856");
    });

    it("reports the difference, and that the Secret is replaced", async () => {
        const news = toStruct({ ...inputs, stringData: { key: "other" } });
        const response = await asked.diff(new DiffRequest().setOldInputs(toStruct(inputs)).setNews(news));
        assert.equal(response.getChanges(), DiffResponse.DiffChanges.DIFF_SOME);
        assert.deepEqual(response.getReplacesList(), ["stringData.key"]);
        assert.equal(response.getDeletebeforereplace(), true);
    });

    it("creates nothing in a preview", async () => {
        const request = new CreateRequest().setUrn(urn).setProperties(toStruct(inputs)).setPreview(true);
        await asked.create(request);
        assert.deepEqual([...api.stored.keys()], []);
        assert.ok(server.requests.some(({ method, path }) => method === "POST" && path.includes("dryRun=All")));
    });

    it("creates a Secret", async () => {
        const response = await asked.create(new CreateRequest().setUrn(urn).setProperties(toStruct(inputs)));
        assert.equal(response.getId(), "ns/db");
        const { data, stringData } = fromStruct(response.getProperties());
        assert.deepEqual([data, stringData], [{ key: "dmFsdWU=" }, { key: "value" }]);
        assert.deepEqual([...api.stored.keys()], ["db"]);
    });

    it("does not take over an existing object", async () => {
        const request = new CreateRequest().setUrn(urn).setProperties(toStruct(inputs));
        await assert.rejects(asked.create(request), { details: 'Secret "db" already exists' });
    });

    it("fails a preview that the server refuses", async () => {
        const news = toStruct(refused);
        await assert.rejects(asked.create(new CreateRequest().setUrn(urn).setProperties(news).setPreview(true)), {
            details: /^Secret is invalid$/,
        });
        const request = new UpdateRequest().setUrn(urn).setOldInputs(toStruct(inputs)).setNews(news).setPreview(true);
        await assert.rejects(asked.update(request), { details: /^Secret is invalid$/ });
    });

    it("does not mistake an unknown kind for a deleted object", async () => {
        const properties = toStruct({ ...inputs, apiVersion: "apps/v1", kind: "Deployment" });
        await assert.rejects(asked.delete(new DeleteRequest().setUrn(urn).setId("ns/x").setProperties(properties)));
    });

    it("deletes it", async () => {
        await asked.delete(new DeleteRequest().setUrn(urn).setId("ns/db").setProperties(toStruct(inputs)));
        assert.deepEqual([...api.stored.keys()], []);
    });
});
