import type { Change, FieldChange } from "../change";
import { effect, type Effect } from "../effect";
import { imageSetting, postgresImage } from "./image";
import { metadataRules } from "./metadata";
import { podRules, template } from "./pod";
import { edit, follows, judged, nothing, set, type ObjectRules } from "./rule";

/** The containers of PostgreSQL itself. The log keeper has the same image. */
const postgresContainers = ["containers[postgres]", "initContainers[initialise]"];

const second = "A second Pod finds the volume locked and never starts: `pulumi up` waits for it and fails.";
const stuck =
    "From the next change on, the new Pod waits for the old one to leave the volume, and the old one for it. Kubernetes refuses the way back.";
const lookAtPod = effect("unknown", "Whether PostgreSQL comes up again, and where, depends on it: look.");

function replicas({ to }: FieldChange): Effect {
    if (to === 0) return effect("outage", "No Pod runs: the database is there for nobody, its data stays.");
    return Number(to) > 1 ? effect("refused", second) : effect("none", "One PostgreSQL runs.");
}

const noShipping = "What PostgreSQL logs from then on stays in its files, until newer ones take their room.";
const shipping = "Lines are shipped from the next start of PostgreSQL on.";

const postgresDeployment: ObjectRules = {
    create: nothing,
    delete: () => [effect("outage", "PostgreSQL is gone; its volume stays unless it is deleted as well.")],
    replace: () => [effect("restart", "The Deployment is deleted and made anew.")],
    fields: [
        judged("spec.replicas", undefined, replicas),
        judged("spec.strategy.type", undefined, ({ to }) =>
            to === "Recreate" ? effect("none", "One Pod ends before the next starts.") : effect("unknown", stuck),
        ),
        edit("spec.strategy**", "unknown", stuck),
        edit("spec.selector**", "none", "The Deployment is made anew."),
        edit("spec.revisionHistoryLimit", "none", "How many old revisions are kept."),
        edit("spec.*Seconds", "none", "How long Kubernetes waits for the Pod."),
        ...postgresContainers.flatMap((container) => [
            judged(`${template}.${container}.image`, imageSetting, postgresImage),
            set(`${template}.${container}.resources.requests.cpu`, "postgresCpu", "none", "CPUs kept free."),
            follows(`${template}.${container}.resources.requests.memory`, "postgresMemory"),
            set(
                `${template}.${container}.resources.limits.memory`,
                "postgresMemory",
                "none",
                "Connections and buffers follow from it.",
            ),
            edit(`${template}.${container}.resources**`, "unknown", "What the container gets from the node: look."),
        ]),
        set(
            `${template}.initContainers[initialise].env[APP].value`,
            "database",
            "empty",
            "Another database and role, empty, stand beside the old ones, which stay.",
        ),
        follows(`${template}.containers[postgres].*Probe.exec.command`, "database"), // they ask with its name
        judged(`${template}.initContainers[fluent-bit]`, "shipper", ({ to }) =>
            effect("logging", to === undefined ? noShipping : shipping),
        ),
        follows(`${template}.initContainers[log-keeper].image`, "images.postgres", "postgresVersion"),
        ...["LIMIT", "FREE"].map((name) =>
            follows(`${template}.initContainers[log-keeper].env[${name}].value`, "logVolumeSize"),
        ),
        set(`${template}.initContainers[fluent-bit].image`, "images.fluentBit", "none", "Another version ships lines."),
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
                "The shipper signs in with what that Secret says.",
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
            "A shutdown that is cut off is a crash: recovery at the next start, and last lines unshipped.",
        ),
        ...podRules(lookAtPod),
        edit("spec.**", "unknown", "How the Pod is replaced depends on it: look."),
        ...metadataRules,
    ],
};

const waits = "Lines wait in the shipper's queue meanwhile.";
const elasticsearchPod = effect("delivery", `The stack's own Elasticsearch restarts. ${waits}`);

const elasticsearchDeployment: ObjectRules = {
    create: nothing,
    delete: () => [effect("none", "The stack's own Elasticsearch is gone.")],
    replace: () => [elasticsearchPod],
    fields: [
        judged("spec.replicas", undefined, ({ to }) =>
            to === 0
                ? effect("delivery", `The stack's own Elasticsearch stops. ${waits}`)
                : effect("unknown", "Two nodes cannot have one data directory: look."),
        ),
        edit("spec.strategy**", "unknown", "Two nodes cannot have one data directory: look."),
        set(
            `${template}.containers[elasticsearch].image`,
            "images.elasticsearch",
            "delivery",
            `Another version, which cannot be taken back once it has started. ${waits}`,
        ),
        follows(`${template}.volumes[realm].secret.secretName`, "elasticsearch-realm"),
        ...podRules(elasticsearchPod),
        edit("spec.**", "delivery", elasticsearchPod.says),
        ...metadataRules,
    ],
};

/** What is in no Deployment that is known here. */
const anyDeployment: ObjectRules = {
    create: () => [effect("unknown", "A Deployment that is not known here: look.")],
    delete: () => [effect("unknown", "A Deployment that is not known here goes: look.")],
    replace: () => [effect("unknown", "A Deployment that is not known here is made anew: look.")],
    fields: [],
};

const deployments: Record<string, ObjectRules> = {
    "postgres-deployment": postgresDeployment,
    "elasticsearch-deployment": elasticsearchDeployment,
};

export function deploymentRules({ name }: Change): ObjectRules {
    return deployments[name] ?? anyDeployment;
}
