import type { Change, FieldChange } from "../change";
import { effect, type Effect } from "../effect";
import { imageSetting, postgresImage } from "./image";
import { metadataRules } from "./metadata";
import { podRules, template } from "./pod";
import { edit, follows, judged, nothing, set, type ObjectRules } from "./rule";

/** PostgreSQL's own containers. The log keeper has the same image. */
const postgresContainers = ["containers[postgres]", "initContainers[initialise]"];

const second = "A second Pod cannot lock the volume and never starts: `pulumi up` waits for it and fails.";
const stuck =
    "At the next change, the new Pod waits for the old one to release the volume, and the old Pod waits for the new one. Kubernetes refuses to change it back.";
const lookAtPod = effect("unknown", "PostgreSQL may not start again, or start elsewhere: check it.");

function replicas({ to }: FieldChange): Effect {
    if (to === 0) return effect("outage", "No Pod runs: the database is down, and its data stays.");
    return Number(to) > 1 ? effect("refused", second) : effect("none", "One PostgreSQL runs.");
}

const noShipping = "New log lines stay in PostgreSQL's files until newer files replace them.";
const shipping = "Lines are shipped after the next start of PostgreSQL.";

const postgresDeployment: ObjectRules = {
    create: nothing,
    delete: () => [effect("outage", "PostgreSQL is deleted; its volume stays unless it is deleted too.")],
    replace: () => [effect("restart", "The Deployment is replaced.")],
    fields: [
        judged("spec.replicas", undefined, replicas),
        judged("spec.strategy.type", undefined, ({ to }) =>
            to === "Recreate" ? effect("none", "One Pod ends before the next starts.") : effect("unknown", stuck),
        ),
        edit("spec.strategy**", "unknown", stuck),
        edit("spec.selector**", "none", "The Deployment is replaced."),
        edit("spec.revisionHistoryLimit", "none", "It changes how many old revisions are kept."),
        edit("spec.*Seconds", "none", "It changes how long Kubernetes waits for the Pod."),
        ...postgresContainers.flatMap((container) => [
            judged(`${template}.${container}.image`, imageSetting, postgresImage),
            set(
                `${template}.${container}.resources.requests.cpu`,
                "postgresCpu",
                "none",
                "It changes the CPU request.",
            ),
            follows(`${template}.${container}.resources.requests.memory`, "postgresMemory"),
            set(
                `${template}.${container}.resources.limits.memory`,
                "postgresMemory",
                "none",
                "Connections and buffers follow the memory.",
            ),
            edit(
                `${template}.${container}.resources**`,
                "unknown",
                "The container's resources on the node changed: check it.",
            ),
        ]),
        set(
            `${template}.initContainers[initialise].env[APP].value`,
            "database",
            "empty",
            "A new, empty database and role are created; the old ones stay.",
        ),
        follows(`${template}.containers[postgres].*Probe.exec.command`, "database"), // the probes connect to it
        judged(`${template}.initContainers[fluent-bit]`, "shipper", ({ to }) =>
            effect("logging", to === undefined ? noShipping : shipping),
        ),
        follows(`${template}.initContainers[log-keeper].image`, "images.postgres", "postgresVersion"),
        ...["LIMIT", "FREE"].map((name) =>
            follows(`${template}.initContainers[log-keeper].env[${name}].value`, "logVolumeSize"),
        ),
        set(
            `${template}.initContainers[fluent-bit].image`,
            "images.fluentBit",
            "none",
            "A different version ships lines.",
        ),
        follows(
            `${template}.initContainers[fluent-bit].volumeMounts[/fluent-bit/*]`,
            "elasticsearchCa",
            "elasticsearchAuth",
        ),
        follows(`${template}.volumes[shared-memory].emptyDir.sizeLimit`, "postgresMemory"),
        follows(`${template}.volumes[data].persistentVolumeClaim.claimName`, "postgres-data"),
        follows(`${template}.volumes[postgres-logs].persistentVolumeClaim.claimName`, "postgres-log-queue"),
        follows(`${template}.volumes[credentials].secret.secretName`, "postgres-credentials"),
        {
            ...set(
                `${template}.volumes[elasticsearch-credentials].secret.secretName`,
                "elasticsearchSecret",
                "logging",
                "The shipper signs in with that Secret.",
            ),
            follows: ["elasticsearch-credentials"],
        },
        follows(`${template}.volumes[fluent-bit-config]`, "shipper"),
        follows(`${template}.volumes[elasticsearch-credentials]`, "shipper", "elasticsearchAuth"),
        follows(`${template}.volumes[elasticsearch-ca]`, "shipper", "elasticsearchCa"),
        follows("spec.template.metadata.annotations[pglog/config]", "postgres-config", "postgres-log-config"),
        edit(
            `${template}.terminationGracePeriodSeconds`,
            "unknown",
            "A shutdown that is cut off is a crash: the next start runs recovery, and the last lines are not shipped.",
        ),
        ...podRules(lookAtPod),
        edit("spec.**", "unknown", "It affects how the Pod is replaced: check it."),
        ...metadataRules,
    ],
};

const waits = "Lines wait in the shipper's queue.";
const elasticsearchPod = effect("delivery", `The stack's own Elasticsearch restarts. ${waits}`);

const elasticsearchDeployment: ObjectRules = {
    create: nothing,
    delete: () => [effect("none", "The stack's own Elasticsearch is deleted.")],
    replace: () => [elasticsearchPod],
    fields: [
        judged("spec.replicas", undefined, ({ to }) =>
            to === 0
                ? effect("delivery", `The stack's own Elasticsearch stops. ${waits}`)
                : effect("unknown", "Two nodes cannot share one data directory: check it."),
        ),
        edit("spec.strategy**", "unknown", "Two nodes cannot share one data directory: check it."),
        set(
            `${template}.containers[elasticsearch].image`,
            "images.elasticsearch",
            "delivery",
            `A new version, which cannot be downgraded after its first start. ${waits}`,
        ),
        follows(`${template}.volumes[realm].secret.secretName`, "elasticsearch-realm"),
        ...podRules(elasticsearchPod),
        edit("spec.**", "delivery", elasticsearchPod.says),
        ...metadataRules,
    ],
};

/** The rules for every other Deployment. */
const anyDeployment: ObjectRules = {
    create: () => [effect("unknown", "There is no rule for this Deployment: check it.")],
    delete: () => [effect("unknown", "A Deployment without a rule is deleted: check it.")],
    replace: () => [effect("unknown", "A Deployment without a rule is replaced: check it.")],
    fields: [],
};

const deployments: Record<string, ObjectRules> = {
    "postgres-deployment": postgresDeployment,
    "elasticsearch-deployment": elasticsearchDeployment,
};

export function deploymentRules({ name }: Change): ObjectRules {
    return deployments[name] ?? anyDeployment;
}
