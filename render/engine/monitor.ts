import * as pulumi from "@pulumi/pulumi";
import type {
    RegisterResourceOutputsRequest,
    RegisterResourceRequest,
    RegisterResourceResponse,
} from "@pulumi/pulumi/proto/resource_pb";
import { MockMonitor, type MockResourceArgs, type MockResourceResult } from "@pulumi/pulumi/runtime/mocks";
import { specialSecretSig, specialSigKey } from "@pulumi/pulumi/runtime/rpc";
import { createHash } from "node:crypto";
import { fixedName } from "../metadata";

/** A secret value, which the engine encrypts in the state. */
export class Secret {
    constructor(readonly value: unknown) {}
}

/** One registered resource with its options, which Pulumi's own mocks do not record. */
export interface Registered {
    urn: string;
    type: string;
    name: string;
    /** URN of the parent component; undefined for a child of the stack. */
    parent?: string;
    custom: boolean;
    /** Each secret is a `Secret`. */
    inputs: Record<string, unknown>;
    options: Options;
    /** The registered outputs of a component. */
    outputs?: Record<string, unknown>;
}

export interface Options {
    protect?: true;
    retainOnDelete?: true;
    deleteBeforeReplace?: true;
    /** Fields whose change replaces the resource, beside those of its provider. */
    replaceOnChanges?: string[];
    /** Fields of an existing resource that stay as they are. */
    ignoreChanges?: string[];
    /** Timeout of its creation, such as `300s`. */
    createTimeout?: string;
    /** Names of explicit dependencies, without the sources of its inputs. */
    dependsOn?: string[];
}

/** The answers of cloud and cluster that a test can choose. */
export interface World {
    /** Address of a load balancer. */
    ingress: { ip?: string; hostname?: string };
}

type Callback = (error: unknown, answer: unknown) => void;

/** Replaces the engine: Pulumi's mock monitor, which also records every registration and refuses what the engine refuses. */
export class RecordingMonitor extends MockMonitor {
    readonly registered: Registered[] = [];
    readonly failures: unknown[] = [];

    constructor(private readonly world: World) {
        super({
            newResource: (args) => this.answer(args),
            call: ({ token }) => {
                throw new Error(`unexpected call: ${token}`);
            },
        });
    }

    override async registerResource(request: RegisterResourceRequest, callback: Callback) {
        const entry = this.read(request);
        if (this.registered.some(({ urn }) => urn === entry.urn))
            this.failures.push(new Error(`duplicate resource ${entry.urn}`));
        this.registered.push(entry);
        await super.registerResource(request, (error, answer) => {
            (answer as RegisterResourceResponse | undefined)?.setUrn(entry.urn);
            this.noting(callback)(error, answer);
        });
    }

    override async readResource(_request: unknown, callback: Callback) {
        await Promise.resolve();
        this.noting(callback)(new Error("this program must not read resources that it did not create"), undefined);
    }

    override async invoke(request: unknown, callback: Callback) {
        await super.invoke(request, this.noting(callback));
    }

    override registerResourceOutputs(request: RegisterResourceOutputsRequest, callback: Callback) {
        const entry = this.registered.find(({ urn }) => urn === request.getUrn());
        if (entry === undefined) this.failures.push(new Error(`outputs of an unknown resource ${request.getUrn()}`));
        else entry.outputs = withSecrets(request.getOutputs()?.toJavaScript() ?? {}) as Record<string, unknown>;
        callback(null, {});
    }

    private noting(callback: Callback): Callback {
        return (error, answer) => {
            if (error) this.failures.push(error);
            callback(error, answer);
        };
    }

    private read(request: RegisterResourceRequest): Registered {
        const parent = request.getParent();
        const ofStack = parent === "" || typeOf(parent) === stackType;
        const fromInputs = new Set(
            [...request.getPropertydependenciesMap().entries()].flatMap(([, of]) => of.getUrnsList()),
        );
        const dependsOn = request.getDependenciesList().filter((urn) => !fromInputs.has(urn));
        const timeout = request.getCustomtimeouts()?.getCreate();
        const replaceOnChanges = request.getReplaceonchangesList();
        const ignoreChanges = request.getIgnorechangesList();
        return {
            urn: urnOf(request.getParent(), request.getType(), request.getName()),
            type: request.getType(),
            name: request.getName(),
            ...(!ofStack && { parent }),
            custom: request.getCustom(),
            inputs: withSecrets(request.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>,
            options: {
                ...(request.getProtect() && { protect: true }),
                ...(request.getRetainondelete() && { retainOnDelete: true }),
                ...(request.getDeletebeforereplace() && { deleteBeforeReplace: true }),
                ...(replaceOnChanges.length > 0 && { replaceOnChanges }),
                ...(ignoreChanges.length > 0 && { ignoreChanges }),
                ...(timeout && { createTimeout: timeout }),
                ...(dependsOn.length > 0 && { dependsOn: dependsOn.map(nameOf).sort() }),
            },
        };
    }

    /** The inputs plus the fields that Kubernetes and the providers add and this program reads. */
    private answer({ type, name, inputs }: MockResourceArgs): MockResourceResult {
        const known = inputs as Record<string, unknown>;
        if (type === stackType || type.startsWith("pglog:index:")) return { id: undefined, state: known };
        if (type === "random:index/randomPassword:RandomPassword")
            return { id: "none", state: computed({ ...known, result: pulumi.secret(password(name, known)) }, known) };
        if (!type.startsWith("kubernetes:")) throw new Error(`unexpected resource: ${type} "${name}"`);
        const metadata = { name: ownName(name, withSecrets(known)), ...(known.metadata as object) };
        const added = type === "kubernetes:core/v1:Service" ? this.service(known.spec as ServiceSpec) : {};
        return {
            id: metadata.name,
            state: computed(
                { ...known, metadata, ...added },
                { ...known, metadata: { ...(known.metadata as object) } },
            ),
        };
    }

    private service(spec: ServiceSpec) {
        const onNodes = spec.type === "NodePort" || spec.type === "LoadBalancer";
        return {
            spec: {
                ...spec,
                ports: spec.ports?.map((port) => ({ ...(onNodes && { nodePort: chosenNodePort }), ...port })),
            },
            status: { loadBalancer: spec.type === "LoadBalancer" ? { ingress: [this.world.ingress] } : {} },
        };
    }
}

interface ServiceSpec {
    type?: string;
    ports?: object[];
}

/** The node port that Kubernetes chooses if the program sets none. */
export const chosenNodePort = 31234;

/** The password that a RandomPassword generates here: letters and digits, derived from its name and inputs. */
export function generatedPassword({ name, inputs }: Pick<Registered, "name" | "inputs">): string {
    return password(name, inputs);
}
const password = (name: string, inputs: unknown) => `Generated${name.replaceAll("-", "")}${digest(inputs)}`;

/** The name of an object in the cluster. An unnamed object gets a digest of its inputs, so changed content changes it. */
export function objectName({ name, inputs }: Pick<Registered, "name" | "inputs">): string {
    return fixedName(inputs) ?? ownName(name, inputs);
}
const ownName = (name: string, inputs: unknown) => `${name}-${digest(inputs)}`;

/** A digest of a value: eight hexadecimal digits. */
export function digest(value: unknown): string {
    return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 8);
}

/** In a preview only the inputs are known. */
function computed(state: Record<string, unknown>, inputs: Record<string, unknown>) {
    return pulumi.runtime.isDryRun() ? inputs : state;
}

const stackType = "pulumi:pulumi:Stack";
const typeOf = (urn: string) => urn.split("::")[2]!;
const nameOf = (urn: string) => urn.split("::")[3]!;

/** A URN as the engine builds it, with the parent's type, which the SDK's mocks leave out. */
function urnOf(parent: string, type: string, name: string): string {
    const ofStack = parent === "" || typeOf(parent) === stackType;
    const qualified = ofStack ? type : `${typeOf(parent)}$${type}`;
    return `urn:pulumi:${pulumi.getStack()}::${pulumi.getProject()}::${qualified}::${name}`;
}

/** A request's value, with the protocol's secret marks converted to `Secret`. */
function withSecrets(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(withSecrets);
    if (typeof value !== "object" || value === null) return value;
    const object = value as Record<string, unknown>;
    if (object[specialSigKey] === specialSecretSig) return new Secret(withSecrets(object.value));
    return Object.fromEntries(Object.entries(object).map(([name, member]) => [name, withSecrets(member)]));
}
