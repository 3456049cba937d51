import { autonamed } from "../render/metadata";
import { metadataOf, objectOf } from "./kubernetes";
import { literal, type ResourceRule } from "./rule";

/** Name of each Service, and of the Deployment whose Pods it leads to. */
const services: Record<string, string> = {
    postgres: "postgres",
    "postgres-headless": "postgres",
    "postgres-nodeport": "postgres",
    "postgres-loadbalancer": "postgres",
    "fluent-bit": "postgres",
    elasticsearch: "elasticsearch",
};

/** The names that others look objects up by, by type. */
const names: Record<string, string[]> = {
    "kubernetes:core/v1:PersistentVolumeClaim": ["postgres-data", "postgres-log-queue", "elasticsearch-data"],
    "kubernetes:core/v1:Service": Object.keys(services),
    "kubernetes:apps/v1:Deployment": ["postgres", "elasticsearch"],
};

export const namesAreFixed: ResourceRule = {
    name: "names-are-fixed",
    description:
        "Claims, Services and Deployments have the names that they always had, since a claim of another name is a new, empty database and clients find the others by theirs.",
    level: "mandatory",
    remediation: "Give it its metadata.name back; the name of an object that is new belongs into policy/names.ts.",
    *check(resource) {
        const known = names[resource.type];
        if (known === undefined) return;
        const { name, annotations } = metadataOf(resource);
        const left = name === undefined || annotations?.[autonamed] === "true";
        if (left || !known.includes(name))
            yield {
                field: "metadata.name",
                came: left ? "left to Pulumi" : literal(name),
                must: `one of ${known.join(", ")}`,
            };
    },
};

/** The labels by which the Pods of a Deployment are found: written down again, since they are the same for ever. */
function selectorLabels(name: string): Record<string, string> {
    return { "app.kubernetes.io/instance": name, "app.kubernetes.io/name": name };
}

export const selectorsAreFixed: ResourceRule = {
    name: "selectors-are-fixed",
    description:
        "Deployments and Services select Pods by the two fixed labels and nothing else, since a Deployment's selector cannot be changed in place and a Service with another one finds no Pod.",
    level: "mandatory",
    remediation:
        "Select by selectorLabels() of components/kubernetes/labels.ts; labels that describe do not belong into a selector.",
    *check(resource) {
        const name = metadataOf(resource).name ?? "";
        const deployment = objectOf(resource, "apps/v1:Deployment")?.spec?.selector;
        const service = objectOf(resource, "core/v1:Service")?.spec?.selector;
        if (deployment && (deployment.matchExpressions || !selects(deployment.matchLabels, name)))
            yield {
                field: "spec.selector",
                came: literal(deployment),
                must: literal({ matchLabels: selectorLabels(name) }),
            };
        const of = services[name];
        if (service && of !== undefined && !selects(service, of))
            yield { field: "spec.selector", came: literal(service), must: literal(selectorLabels(of)) };
    },
};

function selects(selector: Record<string, string | undefined> = {}, name: string): boolean {
    const fixed = Object.entries(selectorLabels(name));
    return Object.keys(selector).length === fixed.length && fixed.every(([label, value]) => selector[label] === value);
}
