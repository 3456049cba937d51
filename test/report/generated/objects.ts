import fc from "fast-check";
import type { Snapshot, SnapshotResource } from "../../../render/snapshot";

/** Edits of the objects that a program makes, as somebody who edits the program would cause them. */
export const objectEdits = ["rename", "label", "remove", "probe", "new field", "new kind", "value"] as const;

/** One such edit; the numbers choose what it is made to. */
export interface ObjectEdit {
    kind: (typeof objectEdits)[number];
    which: number;
    where: number;
}

export const objectEdit: fc.Arbitrary<ObjectEdit> = fc.record({
    kind: fc.constantFrom(...objectEdits),
    which: fc.nat(),
    where: fc.nat(),
});

type Inputs = Record<string, unknown>;
const pick = <T>(list: readonly T[], number: number): T => list[number % list.length]!;

/** The resources with one of them changed. */
function withOne(snapshot: Snapshot, one: SnapshotResource, inputs: Inputs): Snapshot {
    return { ...snapshot, resources: snapshot.resources.map((other) => (other === one ? { ...one, inputs } : other)) };
}

/** Paths to every value that is no object and no list. */
function* leaves(value: unknown, path: (string | number)[] = []): Generator<(string | number)[]> {
    if (typeof value !== "object" || value === null) yield path;
    else
        for (const [name, member] of Object.entries(value))
            yield* leaves(member, [...path, Array.isArray(value) ? Number(name) : name]);
}

function replaced(value: unknown, [head, ...rest]: (string | number)[], to: (old: unknown) => unknown): unknown {
    if (head === undefined) return to(value);
    if (Array.isArray(value)) return value.with(head as number, replaced(value[head as number], rest, to));
    return { ...(value as Inputs), [head]: replaced((value as Inputs)[head], rest, to) };
}

/** A different value of the same type; of a file, one different line. */
function different(old: unknown, number: number): unknown {
    if (typeof old === "number") return old + 1;
    if (typeof old === "boolean") return !old;
    const lines = String(old).split("\n");
    if (lines.length === 1) return "different";
    const at = number % lines.length;
    return lines.with(at, `${lines[at]!} # different`).join("\n");
}

/** The snapshot after an edit. */
export function withObjectEdit(snapshot: Snapshot, { kind, which, where }: ObjectEdit): Snapshot {
    const { resources } = snapshot;
    const objects = resources.filter(({ type }) => type.startsWith("kubernetes:"));
    // A Secret's name follows from its content, so an edit of the program changes more than the Secret.
    const named = objects.filter(({ type }) => !type.endsWith(":Secret"));
    const one = pick(kind === "remove" ? objects : named, which);
    const edits: Record<ObjectEdit["kind"], () => Snapshot> = {
        rename: () => {
            const component = pick(["Postgres", "Elasticsearch", "DeliveryProof"], which);
            const type = `pglog:index:${component}$`;
            const secrets = resources.filter(({ urn, inputs }) => urn.includes(type) && inputs.kind === "Secret");
            // The provider gives a Secret of the new component a new name, and its readers follow.
            const text = secrets.reduce(
                (all, { objectName }) => all.replaceAll(`"${objectName!}"`, `"new-${objectName!}"`),
                JSON.stringify(resources).replaceAll(type, `pglog:index:New${component}$`),
            );
            return { ...snapshot, resources: JSON.parse(text) as SnapshotResource[] };
        },
        label: () => {
            const workloads = objects.filter(({ inputs }) => (inputs.spec as Inputs | undefined)?.template);
            const path = where % 2 === 0 ? ["metadata", "labels"] : ["spec", "template", "metadata", "labels"];
            const on = where % 2 === 0 ? one : pick(workloads, which);
            const inputs = replaced(on.inputs, path, (labels) => ({ ...(labels as Inputs), team: "data" }));
            return withOne(snapshot, on, inputs as Inputs);
        },
        remove: () => ({ ...snapshot, resources: resources.filter((each) => each !== one) }),
        probe: () => {
            const all = objects.flatMap((each) =>
                [...leaves(each.inputs)]
                    .filter((path) => path.some((name) => String(name).endsWith("Probe")))
                    .map((path) => ({ each, path })),
            );
            const { each, path } = pick(all, where);
            return withOne(snapshot, each, replaced(each.inputs, path, (old) => different(old, 0)) as Inputs);
        },
        "new field": () => withOne(snapshot, one, replaced(one.inputs, ["newField"], () => "new") as Inputs),
        "new kind": () => {
            const type = "kubernetes:policy/v1:PodDisruptionBudget";
            const inputs = { apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: { name: "budget" } };
            const urn = `urn:pulumi:${snapshot.stack}::pglog::${type}::budget`;
            const added = { urn, type, name: "budget", objectName: "budget", options: {}, inputs };
            return { ...snapshot, resources: [...resources, added] };
        },
        value: () => {
            const path = pick([...leaves(one.inputs)], where);
            return withOne(snapshot, one, replaced(one.inputs, path, (old) => different(old, which)) as Inputs);
        },
    };
    return edits[kind]();
}
