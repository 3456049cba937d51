import type { Change } from "../change";
import { effect, type Effect } from "../effect";
import { metadataRules } from "./metadata";
import { podRules, template } from "./pod";
import { edit, follows, set, type ObjectRules } from "./rule";

/** The settings and resources of Elasticsearch that the Jobs depend on. */
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

/** The Jobs. Each runs again when its Pod template changes. */
const jobs: Record<string, { again: string; gone: Effect }> = {
    "elasticsearch-setup": {
        again: "The set-up of Elasticsearch runs again.",
        gone: effect("none", "This stack no longer sets up Elasticsearch."),
    },
    "delivery-proof-job": {
        again: "The delivery proof runs again.",
        gone: effect("logging", "Nothing proves that lines arrive."),
    },
};

export function jobRules({ name }: Change): ObjectRules {
    const { again, gone } = jobs[name] ?? {
        again: "A Job without a rule runs again: check it.",
        gone: effect("unknown", "A Job without a rule is deleted: check it."),
    };
    const runs = () => [effect(name in jobs ? "none" : "unknown", again)];
    return {
        create: runs,
        replace: runs,
        delete: () => [gone],
        fields: [
            set(`${template}.containers[*].image`, "images.curl", "none", again),
            ...["containers", "initContainers"].map((list) =>
                set(
                    `${template}.${list}[*].env[TIMEOUT].value`,
                    "deliveryTimeout",
                    "none",
                    "It changes how long `pulumi up` waits.",
                ),
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
            ...podRules(effect("unknown", "The Job may do something different: check it.")),
            edit("spec.**", "unknown", "The Job may run differently: check it."),
            ...metadataRules,
        ],
    };
}
