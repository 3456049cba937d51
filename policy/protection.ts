import type { Resource, StackRule } from "./rule";

/** Resources that hold data or are needed to reach it. Deleting a namespace deletes its volumes. */
const precious = [
    "kubernetes:core/v1:Namespace",
    "kubernetes:core/v1:PersistentVolumeClaim",
    "random:index/randomPassword:RandomPassword",
];

/**
 * True for the stack's own Elasticsearch, which is for development. Its lines are copies; a stack that must keep them
 * ships to an external Elasticsearch.
 */
function isExpendable({ opts }: Resource): boolean {
    return opts.parent?.split("::")[2]?.endsWith("pglog:index:Elasticsearch") ?? false;
}

/**
 * A stack rule, because partial protection is useless. If the engine passes no configuration, one protected resource
 * means that all must be.
 */
export const dataIsProtected: StackRule = {
    name: "data-is-protected",
    description:
        "In a stack with protectData, the database's namespace, volumes and password are protected, because they cannot be recovered.",
    level: "mandatory",
    remediation:
        "Give it the options { protect, retainOnDelete: protect }; or, if the stack's data may be lost: pulumi config set protectData false",
    *checkStack(resources, config) {
        const kept = resources.filter((one) => precious.includes(one.type) && !isExpendable(one));
        const protectData = config.protectData ?? kept.some(({ opts }) => opts.protect);
        if (!protectData) return;
        for (const resource of kept.filter(({ opts }) => !opts.protect))
            yield { resource, field: "the option protect", came: "false", must: "true in a stack with protectData" };
    },
};
