import type { types } from "@pulumi/kubernetes";
import type { Change } from "../change";
import { effect, type Effect } from "../effect";
import { linesStop } from "./lines";
import { metadataRules } from "./metadata";
import { changeOf, goesElsewhere, keepsName, outputOf } from "./plan";
import { edit, follows, judged, nothing, part, set, shown, type ObjectRules } from "./rule";
import { admitted, open } from "./sourceRanges";

type Spec = types.output.core.v1.ServiceSpec;
const specOf = (inputs: Change["before"]) => (inputs?.spec ?? {}) as Partial<Spec>;

/** The effects of a Service that is reachable from outside the cluster. */
function exposed({ type, loadBalancerSourceRanges, ports }: Partial<Spec>): Effect[] {
    if (type === "NodePort") {
        const port = ports?.[0]?.nodePort;
        return [
            effect(
                "exposure",
                `PostgreSQL is reachable on port ${port ?? "30000-32767 (Kubernetes chooses)"} of every node, for everyone who can reach the nodes.`,
            ),
        ];
    }
    if (type === undefined || type === "ClusterIP") return [];
    if (type !== "LoadBalancer") return [effect("unknown", "There is no rule for this type of Service: check it.")];
    const ranges = loadBalancerSourceRanges ?? [];
    if (ranges.length === 0) return [effect("open", "The load balancer admits everyone: it has no source ranges.")];
    return [
        open(ranges)
            ? effect("open", `The load balancer admits everyone: ${ranges.join(", ")}.`)
            : effect("exposure", `PostgreSQL is reachable through a load balancer from ${ranges.join(", ")}.`),
    ];
}

const ranges = (value: unknown) => (Array.isArray(value) ? (value as string[]) : []);

const noPods = "The Service may select no Pod or a wrong one: clients are cut off.";

/** Rules for the Services through which clients reach PostgreSQL. */
const clientRules: ObjectRules = {
    create: ({ after, objectName }) => {
        const outside = exposed(specOf(after));
        return outside.length > 0 ? outside : [effect("none", `Reachable in the cluster as ${shown(objectName)}.`)];
    },
    delete: ({ objectName }) => [
        effect("address", `The address ${shown(objectName)} is removed: its clients are cut off.`),
    ],
    replace: ({ before, after }) => [
        effect("address", "The Service is replaced: its address changes, and so does a port that Kubernetes chose."),
        ...(specOf(before).type === specOf(after).type ? [] : exposed(specOf(after))),
    ],
    fields: [
        judged("spec.type", "services", (_, { after }) => {
            const gone = effect("address", "The address and the port of the former type are removed.");
            return [...exposed(specOf(after)), gone];
        }),
        edit("spec.clusterIP", "none", "The Service is replaced."),
        set("spec.ports[postgres].nodePort", "nodePort", "address", "The port on the nodes changes."),
        edit(
            "spec.ports[postgres].port",
            "refused",
            "Kubernetes refuses a second port with the same name: `pulumi up` fails, and the old port stays.",
        ),
        edit("spec.ports[postgres].*", "address", noPods),
        edit("spec.ports**", "address", "The ports that clients connect to change."),
        judged("spec.loadBalancerSourceRanges", "loadBalancerSourceRanges", ({ from, to }) =>
            admitted(ranges(from), ranges(to)),
        ),
        part(
            "metadata.annotations[*]",
            "loadBalancerAnnotations",
            "unknown",
            "The cloud's controller reads it, and may make an internal load balancer public or change its address: check it.",
        ),
        part(
            "metadata.annotations.*",
            "loadBalancerAnnotations",
            "unknown",
            "The cloud's controller reads it, and may make an internal load balancer public or change its address: check it.",
        ),
        judged("spec.externalTrafficPolicy", undefined, ({ to }) =>
            to === "Local"
                ? effect("none", "PostgreSQL and source ranges see the clients' own addresses.")
                : effect(
                      "security",
                      "PostgreSQL and its log see different client addresses, and source ranges may not apply.",
                  ),
        ),
        edit("spec.selector**", "address", noPods),
        ...metadataRules,
    ],
};

/** True for the one port of the Service of an Elasticsearch: `http` in the cluster, `external` elsewhere. */
const hasThePortOfItsMode = ({ ports = [], selector }: Partial<Spec>) =>
    ports.length === 1 && ports[0]?.name === (selector === undefined ? "external" : "http");

/** Rules for Services that database clients do not use. */
const inner = (gone: ObjectRules["delete"], changed: Effect): ObjectRules => ({
    create: nothing,
    delete: gone,
    replace: (change, plan) => (keepsName(change) ? [changed] : gone(change, plan)),
    fields: [
        set("spec.externalName", "elasticsearchHost", changed.level, changed.says),
        ...["spec.ports[http].port", "spec.ports[external].port", "ports[external].port"].map((at) =>
            judged(at, "elasticsearchPort", ({ to }, { after }, plan) =>
                specOf(after).type === "ExternalName" ||
                outputOf(changeOf(plan, "postgres-log-config")?.after)?.port === to
                    ? changed
                    : effect("unknown", "Elasticsearch may not be reached at this port: check it."),
            ),
        ),
        // Each mode has its own name for the port, so that a slice of the other mode gets no traffic.
        ...["http", "external"].map((name) =>
            judged(`spec.ports[${name}]`, "elasticsearchMode", (_, { after }) =>
                hasThePortOfItsMode(specOf(after))
                    ? changed
                    : effect("unknown", "Elasticsearch may not be reached by its name: check it."),
            ),
        ),
        ...["spec.type", "endpoints", "addressType"].map((at) =>
            part(at, "elasticsearchHost", changed.level, changed.says),
        ),
        follows("spec.selector**", "elasticsearchMode"),
        ...["http", "external"].map((port) => follows(`spec.ports[${port}].targetPort`, "elasticsearchMode")),
        ...["spec.**", "ports**"].map((at) =>
            edit(at, "unknown", "Elasticsearch may not be reached by its name: check it."),
        ),
        edit("metadata.labels[kubernetes.io/service-name]", "unknown", "The Service may have no server: check it."),
        edit("metadata.annotations.*", "none", "How Pulumi waits for it."),
        ...metadataRules,
    ],
});

const metrics: ObjectRules = {
    create: nothing,
    delete: () => [effect("none", "The shipper's metrics lose their address.")],
    replace: () => [effect("none", "The address of the shipper's metrics changes.")],
    fields: [
        edit("spec.**", "none", "The address of the shipper's metrics changes or is removed."),
        part(
            "metadata.annotations[prometheus.io/*]",
            "monitoring",
            "none",
            "Prometheus may read the shipper's metrics.",
        ),
        ...metadataRules,
    ],
};

const different = effect("none", "The name elasticsearch in the namespace points to a different server.");

/** The shipper reaches the stack's own Elasticsearch, and one with an IP address, by the name of the Service. */
const noName: ObjectRules["delete"] = ({ before }, plan) =>
    specOf(before).type === "ExternalName" || goesElsewhere(plan)
        ? [effect("none", "Elasticsearch loses its name in the namespace.")]
        : [effect("log-loss", `Elasticsearch loses its name in the namespace. ${linesStop}`)];

export function serviceRules({ objectName = "", name }: Change): ObjectRules {
    if (objectName === "fluent-bit") return metrics;
    return objectName === "elasticsearch" || name === "elasticsearch-service" ? inner(noName, different) : clientRules;
}

/** Rules for the EndpointSlice of an Elasticsearch with an IP address. */
export const endpointRules = inner(
    (_, plan) => {
        const output = outputOf(changeOf(plan, "postgres-log-config")?.after);
        const service = changeOf(plan, "elasticsearch-service");
        return output === undefined && service === undefined
            ? [effect("log-loss", `Elasticsearch loses its address in the namespace. ${linesStop}`)]
            : [effect("none", "Elasticsearch has a different address.")];
    },
    effect("logging", "New and waiting lines go to that address; delivered lines stay where they are."),
);
