import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { evaluate } from "../../render/engine/evaluate";
import { deploy } from "../support/deploy";
import { objectName, Secret } from "../../render/engine/monitor";

const configMap = (name: string, args: k8s.core.v1.ConfigMapArgs = {}, opts?: pulumi.CustomResourceOptions) =>
    new k8s.core.v1.ConfigMap(name, args, opts);

/** A component with one child, whose outputs a test can choose. */
class Box extends pulumi.ComponentResource {
    constructor(name: string, child: string, opts?: pulumi.ComponentResourceOptions) {
        super("pglog:index:Box", name, {}, opts);
        configMap(child, {}, { parent: this });
        this.registerOutputs({ child });
    }
}

describe("the harness", () => {
    const failing: [string, () => unknown, RegExp][] = [
        [
            "an error of the program",
            () => {
                throw new Error("no");
            },
            /^Error: no$/,
        ],
        ["a program that is rejected", () => Promise.reject(new Error("no")), /^Error: no$/],
        [
            "an error in an apply that nobody awaits",
            () => {
                pulumi.output(1).apply(() => {
                    throw new Error("stray");
                });
            },
            /^Error: stray$/,
        ],
        [
            "an error in an apply that an input depends on",
            () => {
                const data = pulumi.output({ a: "1" }).apply((): Record<string, string> => {
                    throw new Error("stray");
                });
                configMap("one", { data });
            },
            /^Error: error serializing property "data": stray$/,
        ],
        [
            "two resources with one name",
            () => [configMap("one"), configMap("one")],
            /^Error: duplicate resource urn:pulumi:test::pglog::kubernetes:core\/v1:ConfigMap::one$/,
        ],
        [
            "two children with one name in one type of component",
            () => [new Box("a", "same"), new Box("b", "same")],
            /^Error: duplicate resource urn:pulumi:test::pglog::pglog:index:Box\$kubernetes:core\/v1:ConfigMap::same$/,
        ],
        [
            "a resource of an unexpected type",
            () => new random.RandomPet("pet"),
            /^Error: unexpected resource: random:index\/randomPet:RandomPet "pet"$/,
        ],
        [
            "an unexpected call",
            () => pulumi.runtime.invoke("cloud:index:lookUp", {}),
            /^Error: unexpected call: cloud:index:lookUp$/,
        ],
        [
            "a resource that is read",
            () => k8s.core.v1.ConfigMap.get("other", "default/other"),
            /^Error: this program must not read resources that it did not create$/,
        ],
        ["a warning to the user", () => pulumi.log.warn("careful"), /^Error: warning: \[runtime\] careful$/],
    ];
    for (const [what, program, error] of failing)
        it(`fails on ${what}`, async () => {
            await assert.rejects(() => deploy(program), error);
        });

    it("does not carry a failure over to the next test", async () => {
        const { failures } = await evaluate(failing[2]![1]);
        assert.notDeepEqual(failures, []);
        assert.deepEqual((await deploy(() => undefined)).resources, []);
    });

    it("sees inputs, options, parents and outputs as the engine does", async () => {
        const { resources, components, outputs } = await deploy(() => {
            const first = configMap("first");
            const box = new Box("box", "box-child", { protect: true });
            configMap(
                "second",
                { metadata: { name: first.metadata.name }, data: { a: pulumi.secret("hidden") } },
                { retainOnDelete: true, deleteBeforeReplace: true, dependsOn: box, customTimeouts: { create: "5m" } },
            );
            return { name: first.metadata.name, word: pulumi.secret("hidden") };
        });
        const kind = { apiVersion: "v1", kind: "ConfigMap" };
        const type = "kubernetes:core/v1:ConfigMap";
        const urn = "urn:pulumi:test::pglog::";
        assert.deepEqual(resources, [
            { urn: `${urn}${type}::first`, type, name: "first", custom: true, inputs: kind, options: {} },
            {
                urn: `${urn}${type}::second`,
                type,
                name: "second",
                custom: true,
                inputs: {
                    ...kind,
                    metadata: { name: objectName({ name: "first", inputs: kind }) },
                    data: { a: new Secret("hidden") },
                },
                options: {
                    retainOnDelete: true,
                    deleteBeforeReplace: true,
                    dependsOn: ["box-child"],
                    createTimeout: "5m",
                },
            },
            {
                urn: `${urn}pglog:index:Box$${type}::box-child`,
                type,
                name: "box-child",
                parent: `${urn}pglog:index:Box::box`,
                custom: true,
                inputs: kind,
                options: { protect: true },
            },
            {
                urn: `${urn}pglog:index:Box::box`,
                type: "pglog:index:Box",
                name: "box",
                custom: false,
                inputs: {},
                options: { protect: true },
                outputs: { child: "box-child" },
            },
        ]);
        assert.deepEqual([...components.keys()], [`${urn}pglog:index:Box::box`]);
        assert.deepEqual(outputs, { name: objectName({ name: "first", inputs: kind }), word: new Secret("hidden") });
    });

    it("knows only the inputs in a preview", async () => {
        const { resources } = await deploy(
            () => {
                const password = new random.RandomPassword("password", { length: 8 });
                configMap("one", { data: { password: password.result } });
            },
            { preview: true },
        );
        const { inputs } = resources.find(({ name }) => name === "one")!;
        assert.deepEqual(inputs.data, { password: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" }, "the SDK's unknown value");
    });
});
