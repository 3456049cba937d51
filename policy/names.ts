import { metadataOf, objectOf } from "./kubernetes";
import { literal, type ResourceRule } from "./rule";

/** Each Service, with the Deployment whose Pods it selects. */
const services: Record<string, string> = {
    postgres: "postgres",
    "postgres-headless": "postgres",
    "postgres-nodeport": "postgres",
    "postgres-loadbalancer": "postgres",
    "fluent-bit": "postgres",
    elasticsearch: "elasticsearch",
};

/**
 * The annotation with which the Kubernetes provider marks an object that it named itself. It stands here once more, because
 * a policy pack is published as this folder alone.
 */
const autonamed = "pulumi.com/autonamed";

/** The allowed names by type. Clients and other objects rely on them. */
const names: Record<string, string[]> = {
    "kubernetes:core/v1:PersistentVolumeClaim": ["postgres-data", "postgres-log-queue", "elasticsearch-data"],
    "kubernetes:core/v1:Service": Object.keys(services),
    "kubernetes:apps/v1:Deployment": ["postgres", "elasticsearch"],
};

export const namesAreFixed: ResourceRule = {
    name: "names-are-fixed",
    description:
        "Claims, Services and Deployments keep their names, because a renamed claim is a new, empty volume and clients look up Services and Deployments by name.",
    level: "mandatory",
    remediation: "Restore its metadata.name; add the name of a new object to policy/names.ts.",
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

/** The labels that select the Pods of a Deployment. They are repeated here because they must never change. */
function selectorLabels(name: string): Record<string, string> {
    return { "app.kubernetes.io/instance": name, "app.kubernetes.io/name": name };
}

export const selectorsAreFixed: ResourceRule = {
    name: "selectors-are-fixed",
    description:
        "Deployments and Services select Pods by the two fixed labels only, because a Deployment's selector is immutable and a Service with a different selector finds no Pod.",
    level: "mandatory",
    remediation:
        "Select with selectorLabels() of components/kubernetes/labels.ts; descriptive labels do not belong in a selector.",
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
