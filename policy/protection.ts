import type { Resource, StackRule } from "./rule";

/** What holds data, or without which data cannot be had: who deletes a namespace deletes the volumes in it. */
const precious = [
    "kubernetes:core/v1:Namespace",
    "kubernetes:core/v1:PersistentVolumeClaim",
    "random:index/randomPassword:RandomPassword",
];

/**
 * The stack's own Elasticsearch is for development and may be thrown away, with its volume and its password: its lines
 * are copies, and a stack that has to keep them ships them to one that others operate.
 */
function isExpendable({ opts }: Resource): boolean {
    return opts.parent?.split("::")[2]?.endsWith("pglog:index:Elasticsearch") ?? false;
}

/**
 * Over the stack, since protection is of no use by halves: where the configuration is not handed over, one protected
 * resource says that the stack is meant to be.
 */
export const dataIsProtected: StackRule = {
    name: "data-is-protected",
    description:
        "In a stack with protectData, the namespace and every volume and password of the database are protected, since nobody can bring them back.",
    level: "mandatory",
    remediation:
        "Give it the options { protect, retainOnDelete: protect }; or, for a stack whose data may go: pulumi config set protectData false",
    *checkStack(resources, config) {
        const kept = resources.filter((one) => precious.includes(one.type) && !isExpendable(one));
        const protectData = config.protectData ?? kept.some(({ opts }) => opts.protect);
        if (!protectData) return;
        for (const resource of kept.filter(({ opts }) => !opts.protect))
            yield { resource, field: "the option protect", came: "false", must: "true in a stack with protectData" };
    },
};
