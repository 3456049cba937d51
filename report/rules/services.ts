import type { types } from "@pulumi/kubernetes";
import type { Change } from "../change";
import { effect, type Effect } from "../effect";
import { metadataRules } from "./metadata";
import { edit, judged, nothing, part, set, shown, type ObjectRules } from "./rule";
import { admitted, open } from "./sourceRanges";

type Spec = types.output.core.v1.ServiceSpec;
const specOf = (inputs: Change["before"]) => (inputs?.spec ?? {}) as Partial<Spec>;

/** Who can reach a Service of PostgreSQL from outside of the cluster. */
function exposed({ type, loadBalancerSourceRanges, ports }: Partial<Spec>): Effect[] {
    if (type === "NodePort") {
        const port = ports?.[0]?.nodePort;
        return [
            effect(
                "exposure",
                `PostgreSQL is reachable on port ${port ?? "30000-32767 (Kubernetes chooses)"} of every node, by all who reach the nodes.`,
            ),
        ];
    }
    if (type !== "LoadBalancer") return [];
    const ranges = loadBalancerSourceRanges ?? [];
    if (ranges.length === 0) return [effect("open", "The load balancer lets in everyone: it has no source ranges.")];
    return [
        open(ranges)
            ? effect("open", `The load balancer lets in everyone: ${ranges.join(", ")}.`)
            : effect("exposure", `PostgreSQL is reachable through a load balancer from ${ranges.join(", ")}.`),
    ];
}

const ranges = (value: unknown) => (Array.isArray(value) ? (value as string[]) : []);

const noPods = "The Service finds no Pod, or another: clients are cut off.";

/** A Service that clients find PostgreSQL by. */
const clientRules: ObjectRules = {
    create: ({ after, objectName }) => {
        const outside = exposed(specOf(after));
        return outside.length > 0 ? outside : [effect("none", `Reachable in the cluster as ${shown(objectName)}.`)];
    },
    delete: ({ objectName }) => [
        effect("address", `The address ${shown(objectName)} is gone: its clients are cut off.`),
    ],
    replace: ({ before, after }) => [
        effect("address", "The Service is made anew: its address, and a port that Kubernetes chose, are others."),
        ...(specOf(before).type === specOf(after).type ? [] : exposed(specOf(after))),
    ],
    fields: [
        judged("spec.type", "services", (_, { after }) => {
            const outside = exposed(specOf(after));
            return outside.length > 0 ? outside : [effect("address", "It is reachable in the cluster only.")];
        }),
        edit("spec.clusterIP", "none", "The Service is made anew."),
        set("spec.ports[postgres].nodePort", "nodePort", "address", "The port on the nodes is another."),
        edit(
            "spec.ports[postgres].port",
            "refused",
            "Kubernetes refuses another port of the same name beside the old one: `pulumi up` fails, the old port stays.",
        ),
        edit("spec.ports[postgres].*", "address", noPods),
        edit("spec.ports**", "address", "The ports that clients connect to are others."),
        judged("spec.loadBalancerSourceRanges", "loadBalancerSourceRanges", ({ from, to }) =>
            admitted(ranges(from), ranges(to)),
        ),
        part(
            "metadata.annotations[*]",
            "loadBalancerAnnotations",
            "unknown",
            "The cloud's controller reads it, and may make an internal load balancer public or give it another address: look.",
        ),
        part(
            "metadata.annotations.*",
            "loadBalancerAnnotations",
            "unknown",
            "The cloud's controller reads it, and may make an internal load balancer public or give it another address: look.",
        ),
        edit(
            "spec.externalTrafficPolicy",
            "security",
            "PostgreSQL and its log see other client addresses, and source ranges may not hold.",
        ),
        edit("spec.selector**", "address", noPods),
        ...metadataRules,
    ],
};

/** Services that no client of the database uses. */
const inner = (gone: Effect, changed: Effect): ObjectRules => ({
    create: nothing,
    delete: () => [gone],
    replace: () => [changed],
    fields: [
        set("spec.externalName", "elasticsearchHost", changed.level, changed.says),
        part("spec.ports[http].port", "elasticsearchPort", changed.level, changed.says),
        part("spec.type", "elasticsearchHost", changed.level, changed.says),
        edit("spec.**", changed.level, changed.says),
        edit("metadata.annotations.*", "none", "How Pulumi waits for it."),
        ...metadataRules,
    ],
});

const services: Record<string, ObjectRules> = {
    "fluent-bit": inner(
        effect("none", "The shipper's metrics have no address any more."),
        effect("none", "The shipper's metrics have another address, or none."),
    ),
    elasticsearch: inner(
        effect("none", "Elasticsearch has no name in the namespace any more."),
        effect("none", "The name elasticsearch in the namespace means another server."),
    ),
};

export function serviceRules({ objectName = "", name }: Change): ObjectRules {
    return services[objectName] ?? services[name === "elasticsearch-service" ? "elasticsearch" : ""] ?? clientRules;
}

/** Where an Elasticsearch with an IP address is found. */
export const endpointRules = inner(
    effect("none", "Elasticsearch has no address in the namespace any more."),
    effect("none", "The name elasticsearch in the namespace means another server."),
);
