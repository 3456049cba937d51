import type { Change } from "../change";
import { metadataRules } from "./data";
import { effect, type Effect } from "../effect";
import type { FieldChange } from "../fields";
import { edit, follows, judged, nothing, set, shown, type FieldRule, type ObjectRules } from "./rule";

/** Name, tag and digest of an image; the major version where the tag begins with one. */
export function image(text: string) {
    const [tagged = "", digest] = text.split("@");
    const [, name = tagged, tag] = /^(.*?)(?::([^:/]+))?$/.exec(tagged) ?? [];
    const major = /^v?(\d+)/.exec(tag ?? "")?.[1];
    return { name, tag, digest, major: major === undefined ? undefined : Number(major) };
}

/** Another image of PostgreSQL. The data stays with the major version it was made by. */
function postgresImage({ from, to }: FieldChange): Effect {
    const [before, after] = [image(shown(from)), image(shown(to))];
    if (before.major === undefined || after.major === undefined)
        return effect("unknown", "Its tag does not say the version: another major version is refused at the start.");
    if (before.major !== after.major)
        return effect(
            "outage",
            `PostgreSQL ${after.major} is refused at the start on the data of ${before.major}, and ${before.major} is stopped. Nothing is lost.`,
        );
    const [system, other] = [before, after].map(({ tag }) => tag!.split("-").slice(1).join("-"));
    if (system !== other)
        return effect(
            "unknown",
            "Another system's C library may sort text otherwise; an index on text is then wrong until it is rebuilt: look.",
        );
    return effect("none", "The new image is pulled first while PostgreSQL is down, if the node does not have it.");
}

const hardening = "A container may do more, or other things, than before: look.";
const template = "spec.template.spec";

/** What may differ in the Pod of any workload. */
function podRules(edited: Effect): FieldRule[] {
    return [
        edit(`${template}.securityContext**`, "security", hardening),
        ...["containers", "initContainers"].flatMap((list) => [
            edit(`${template}.${list}[*].securityContext**`, "security", hardening),
            edit(`${template}.${list}[*].imagePullPolicy`, "none", "When the image is pulled."),
            edit(`${template}.${list}[*].**`, edited.level, edited.says),
            edit(`${template}.${list}[*]`, edited.level, edited.says),
        ]),
        edit(`${template}.automountServiceAccountToken`, "security", "Whether the Pod can speak to Kubernetes."),
        ...["hostNetwork", "hostPID", "hostIPC"].map((name) => edit(`${template}.${name}`, "security", hardening)),
        edit(`${template}.enableServiceLinks`, "none", "Whether Services are in the environment."),
        edit(`${template}.**`, edited.level, edited.says),
        edit("spec.template.metadata.labels**", edited.level, edited.says),
        edit("spec.template.metadata.annotations**", "none", "An annotation of the Pod."),
    ];
}

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

/** The setting that says the image: its own key, or the version. */
function imageSetting({ from, to }: FieldChange) {
    const official = [from, to].every((name) => image(shown(name)).name === "postgres");
    return official ? ("postgresVersion" as const) : ("images.postgres" as const);
}

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
