import assert from "node:assert/strict";
import type { ServiceError } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { unknownValue } from "@pulumi/pulumi/runtime/rpc";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fromStruct, toStruct, type Properties } from "../../../local/standin/plugin";
import { FakeCluster } from "../../support/fakeCluster";
import { answer, StandIn } from "../../support/standIn";

const urn = (type: string, name: string) => `urn:pulumi:test::pglog::kubernetes:${type}::${name}`;
const secretUrn = urn("core/v1:Secret", "credentials");
const jobUrn = urn("batch/v1:Job", "proof");
const metadata = (name: string) => ({ name, namespace: "here" });
const secret = (password: string, more: Properties = {}) => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: metadata("credentials"),
    stringData: { password },
    ...more,
});
const configMap = (data: Record<string, string>) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: metadata("files"),
    data,
});
const job = { apiVersion: "batch/v1", kind: "Job", metadata: metadata("proof"), spec: { template: {} } };
const jobPath = "/apis/batch/v1/namespaces/here/jobs/proof";
const credentialsPath = "/api/v1/namespaces/here/secrets/credentials";

describe("the process that stands in for the Kubernetes provider", () => {
    let cluster: FakeCluster;
    let standIn: StandIn;
    let provider: ResourceProviderClient;

    before(async () => {
        standIn = await StandIn.start("kubernetes");
        provider = standIn.client(ResourceProviderClient);
    });
    after(() => standIn.stop());
    beforeEach(async () => {
        cluster = new FakeCluster();
        await cluster.start();
        await configure(cluster.kubeconfig());
    });
    afterEach(() => {
        cluster.stop();
    });

    async function configure(kubeconfig: string) {
        const request = new pb.ConfigureRequest();
        request.getVariablesMap().set("kubernetes:config:kubeconfig", kubeconfig);
        await answer<pb.ConfigureResponse>((done) => provider.configure(request, done));
    }

    async function check(news: Properties, olds: Properties = {}) {
        const request = new pb.CheckRequest();
        request.setUrn(secretUrn);
        request.setOlds(toStruct(olds));
        request.setNews(toStruct(news));
        request.setRandomseed(new Uint8Array([1]));
        return fromStruct((await answer<pb.CheckResponse>((done) => provider.check(request, done))).getInputs());
    }

    function diff(before: Properties, after: Properties, ignored: string[] = []) {
        const request = new pb.DiffRequest();
        request.setOldInputs(toStruct(before));
        request.setNews(toStruct(after));
        request.setIgnorechangesList(ignored);
        return answer<pb.DiffResponse>((done) => provider.diff(request, done));
    }

    async function create(of: string, properties: Properties, preview = false) {
        const request = new pb.CreateRequest();
        request.setUrn(of);
        request.setProperties(toStruct(properties));
        request.setPreview(preview);
        const made = await answer<pb.CreateResponse>((done) => provider.create(request, done));
        return { id: made.getId(), properties: fromStruct(made.getProperties()) };
    }

    async function update(before: Properties, after: Properties, preview = false) {
        const request = new pb.UpdateRequest();
        request.setUrn(secretUrn);
        request.setOlds(toStruct(before));
        request.setOldInputs(toStruct(before));
        request.setNews(toStruct(after));
        request.setPreview(preview);
        const made = await answer<pb.UpdateResponse>((done) => provider.update(request, done));
        return fromStruct(made.getProperties());
    }

    async function read(inputs: Properties) {
        const request = new pb.ReadRequest();
        request.setId("here/credentials");
        request.setUrn(secretUrn);
        request.setInputs(toStruct(inputs));
        const found = await answer<pb.ReadResponse>((done) => provider.read(request, done));
        return { id: found.getId(), inputs: fromStruct(found.getInputs()) };
    }

    it("has the version of the package that the program uses", async () => {
        const file = "node_modules/@pulumi/kubernetes/package.json";
        const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
        const info = await answer<{ getVersion: () => string }>((done) => provider.getPluginInfo(new Empty(), done));
        assert.equal(info.getVersion(), version);
    });

    it("names an object, and keeps the name", async () => {
        const first = await check({ apiVersion: "v1", kind: "Secret", metadata: {} });
        const { name } = first.metadata as { name: string };
        assert.match(name, /^credentials-[0-9a-f]{8}$/);
        assert.deepEqual(await check({ apiVersion: "v1", kind: "Secret", metadata: {} }, first), first);
    });

    it("reports what a change replaces, and that the old object must be deleted first", async () => {
        const difference = await diff(configMap({ "a.conf": "1" }), configMap({ "a.conf": "2" }));
        assert.equal(difference.getChanges(), pb.DiffResponse.DiffChanges.DIFF_SOME);
        assert.deepEqual(difference.getReplacesList(), ['data["a.conf"]']);
        assert.deepEqual(difference.getDiffsList(), ["data"]);
        assert.equal(difference.getDeletebeforereplace(), true);
        const detail = difference.getDetaileddiffMap().get('data["a.conf"]')!;
        assert.equal(detail.getKind(), pb.PropertyDiff.Kind.UPDATE_REPLACE);
    });

    it("replaces a Deployment whose whole spec is unknown, as happens when its claim is replaced", async () => {
        const spec = { selector: { matchLabels: { app: "postgres" } }, template: {} };
        const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata: metadata("postgres"), spec };
        const difference = await diff(deployment, { ...deployment, spec: unknownValue });
        assert.deepEqual(difference.getReplacesList(), ["spec"]);
        assert.equal(difference.getDeletebeforereplace(), true);
        const service = { ...deployment, apiVersion: "v1", kind: "Service", spec: { type: "ClusterIP" } };
        assert.deepEqual((await diff(service, { ...service, spec: unknownValue })).getReplacesList(), []);
    });

    it("reports no change if the program ignores it", async () => {
        const difference = await diff(configMap({ a: "1" }), configMap({ a: "2" }), ["data.a"]);
        assert.equal(difference.getChanges(), pb.DiffResponse.DiffChanges.DIFF_NONE);
    });

    it("creates an object, and returns it as the cluster stores it", async () => {
        const made = await create(secretUrn, secret("opensesame"));
        assert.equal(made.id, "here/credentials");
        assert.deepEqual(made.properties.stringData, { password: "opensesame" });
        assert.deepEqual(made.properties.data, { password: "b3BlbnNlc2FtZQ==" });
        assert.equal((made.properties.metadata as Properties).uid, "5f0c");
        assert.deepEqual(cluster.requests, [
            {
                method: "PATCH",
                path: credentialsPath,
                query: { fieldManager: "pulumi-kubernetes", force: "true" },
                body: secret("opensesame"),
            },
        ]);
    });

    it("asks the cluster for a dry run in a preview, and creates nothing", async () => {
        const made = await create(secretUrn, secret("opensesame"), true);
        assert.equal(made.id, "");
        assert.equal(cluster.requests[0]!.query.dryRun, "All");
        assert.equal(cluster.objects.size, 0);
        assert.equal(made.properties.status, unknownValue);
        assert.equal((made.properties.metadata as Properties).uid, unknownValue);
    });

    it("sends no request in a preview while a value is unknown", async () => {
        const made = await create(secretUrn, secret(unknownValue), true);
        assert.deepEqual(cluster.requests, []);
        assert.deepEqual(made.properties.stringData, { password: unknownValue });
    });

    it("previews without a cluster", async () => {
        const kubeconfig = cluster.kubeconfig();
        cluster.stop();
        await configure(kubeconfig);
        const made = await create(urn("core/v1:ConfigMap", "files"), configMap({ a: "1" }), true);
        assert.deepEqual(made.properties.data, { a: "1" });
    });

    it("fails a preview of an invalid object, with the cluster's message", async () => {
        await create(secretUrn, secret("opensesame"));
        cluster.refusal = ({ kind }) => `${kind} "credentials" is invalid: metadata.labels`;
        const invalid = { details: 'Secret "credentials" is invalid: metadata.labels' };
        await assert.rejects(create(secretUrn, secret("opensesame"), true), invalid);
        await assert.rejects(update(secret("opensesame"), secret("renewed"), true), invalid);
    });

    it("refuses to create an existing object", async () => {
        await create(secretUrn, secret("opensesame"));
        await assert.rejects(create(secretUrn, secret("renewed")), { details: 'Secret "credentials" already exists' });
    });

    it("previews an object whose predecessor of the same name will be deleted first", async () => {
        cluster.objects.set(jobPath, { ...job, spec: { template: { old: true } } });
        cluster.refusal = (_, before) => (before?.kind === "Job" ? "spec.template: field is immutable" : undefined);
        assert.deepEqual((await create(jobUrn, job, true)).properties.spec, job.spec);
    });

    it("replaces a failed Job if its annotation asks for that", async () => {
        const failed = { conditions: [{ type: "Failed", status: "True" }] };
        const annotations = { "pulumi.com/replaceUnready": "true" };
        const asking = { ...job, metadata: { ...metadata("proof"), annotations } };
        cluster.objects.set(jobPath, { ...asking, status: failed });
        const path = 'metadata.annotations["pulumi.com/replaceUnready"]';
        assert.deepEqual((await diff(asking, asking)).getReplacesList(), [path]);
        assert.deepEqual((await diff(job, job)).getReplacesList(), []);
    });

    it("changes an object in place", async () => {
        const before = (await create(secretUrn, secret("opensesame"))).properties;
        const after = await update(before, secret("renewed"));
        assert.deepEqual(after.data, { password: "cmVuZXdlZA==" });
        const { method, path, query } = cluster.requests.at(-1)!;
        assert.deepEqual([method, path], ["PATCH", credentialsPath]);
        assert.deepEqual(query, { fieldManager: "pulumi-kubernetes", force: "true" });
    });

    it("waits until a Job has succeeded, and shows what it waits for", async () => {
        const said = once(standIn.messages, "message");
        const made = create(jobUrn, job);
        assert.deepEqual(await said, ["waiting for the Job to succeed"]);
        cluster.objects.get(jobPath)!.status = {
            conditions: [{ type: "Complete", status: "True" }],
        };
        assert.equal((await made).id, "here/proof");
    });

    it("has the engine keep a failed Job, with the reason", async () => {
        const conditions = [{ type: "Failed", status: "True", message: "too often" }];
        const ended = { exitCode: 1, reason: "Error", message: "no document after 60 s" };
        cluster.objects.set("/api/v1/namespaces/here/pods/proof-x", {
            apiVersion: "v1",
            kind: "Pod",
            metadata: metadata("proof-x"),
            status: { containerStatuses: [{ state: { terminated: ended } }] },
        });
        // In a real cluster controllers set the status. Here it is set from the start.
        const failure = await create(jobUrn, { ...job, status: { conditions } }).then(
            () => assert.fail("the Job was made"),
            (error: unknown) => error as ServiceError,
        );
        const reason = "Job here/proof failed: too often\n[Pod here/proof-x]: [Error] no document after 60 s";
        assert.equal(failure.details, reason);
        const [bytes] = failure.metadata.get("grpc-status-details-bin") as Buffer[];
        const detail = Status.deserializeBinary(bytes!)
            .getDetailsList()[0]!
            .unpack(
                (value) => pb.ErrorResourceInitFailed.deserializeBinary(value),
                "pulumirpc.ErrorResourceInitFailed",
            )!;
        assert.equal(detail.getId(), "here/proof");
        assert.deepEqual(detail.getReasonsList(), [reason]);
        assert.deepEqual((fromStruct(detail.getInputs()).metadata as Properties).name, "proof");
        assert.equal((fromStruct(detail.getProperties()).metadata as Properties).uid, "5f0c");
    });

    it("finds a change made by someone else, and a deleted object", async () => {
        await create(secretUrn, secret("opensesame"));
        assert.deepEqual((await read(secret("opensesame"))).inputs.stringData, { password: "opensesame" });
        cluster.objects.get(credentialsPath)!.data = { password: "cmVuZXdlZA==" };
        assert.deepEqual((await read(secret("opensesame"))).inputs.stringData, { password: "renewed" });
        cluster.objects.clear();
        assert.equal((await read(secret("opensesame"))).id, "");
    });

    it("waits until a deleted object is gone, and accepts that it is gone already", async () => {
        const { properties } = await create(secretUrn, secret("opensesame"));
        const request = new pb.DeleteRequest();
        request.setProperties(toStruct(properties));
        cluster.lingers = 1;
        await answer<Empty>((done) => provider.delete(request, done));
        assert.equal(cluster.objects.size, 0);
        assert.equal(cluster.requests.at(-1)!.query.propagationPolicy, "Foreground");
        await answer<Empty>((done) => provider.delete(request, done));
    });
});
