import type { Change } from "../change";
import { effect, type Effect } from "../effect";
import { metadataRules } from "./metadata";
import { podRules, template } from "./pod";
import { edit, follows, set, type ObjectRules } from "./rule";

/** What the Jobs know of Elasticsearch. */
const endpoint = [
    "elasticsearchMode",
    "elasticsearchHost",
    "elasticsearchPort",
    "elasticsearchScheme",
    "elasticsearchServerName",
    "elasticsearchCa",
    "elasticsearchAuth",
    "elasticsearchSecret",
    "elasticsearchTarget",
    "elasticsearchIndex",
    "elasticsearch-credentials",
] as const;

/** The Jobs: each runs to its end whenever its Pod's template differs. */
const jobs: Record<string, { again: string; gone: Effect }> = {
    "elasticsearch-setup": {
        again: "The set-up of Elasticsearch runs again.",
        gone: effect("none", "Elasticsearch is not set up by this stack any more."),
    },
    "delivery-proof-job": {
        again: "The delivery of a line is proven again.",
        gone: effect("logging", "Nothing proves any more that lines arrive."),
    },
};

export function jobRules({ name }: Change): ObjectRules {
    const { again, gone } = jobs[name] ?? {
        again: "A Job that is not known here runs again.",
        gone: effect("unknown", "A Job that is not known here goes: look."),
    };
    const runs = () => [effect(name in jobs ? "none" : "unknown", again)];
    return {
        create: runs,
        replace: runs,
        delete: () => [gone],
        fields: [
            set(`${template}.containers[*].image`, "images.curl", "none", again),
            set(
                `${template}.containers[*].env[TIMEOUT].value`,
                "deliveryTimeout",
                "none",
                "How long `pulumi up` waits.",
            ),
            follows(
                "spec.template.metadata.annotations[pglog/config]",
                "elasticsearch-setup-config",
                "delivery-proof-scripts",
            ),
            follows("spec.template.metadata.annotations[pglog/revision]", "postgres-deployment"),
            follows(`${template}.initContainers[log-marker].image`, "images.postgres", "postgresVersion"),
            follows(
                `${template}.initContainers[log-marker].env[*].value`,
                "database",
                "namespace",
                "postgres-clusterip",
            ),
            follows(`${template}.containers[*].env[*].value`, ...endpoint),
            follows(`${template}.containers[*].env[*]`, ...endpoint),
            follows(`${template}.containers[*].volumeMounts[*]`, ...endpoint),
            follows(`${template}.volumes[*]`, ...endpoint),
            follows(`${template}.volumes[*].secret.secretName`, "postgres-credentials", ...endpoint),
            ...podRules(effect("unknown", "What the Job does may differ: look.")),
            edit("spec.**", "unknown", "How the Job runs may differ: look."),
            ...metadataRules,
        ],
    };
}
