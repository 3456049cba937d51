import { bytesOf, mebibytes } from "../../components/kubernetes/quantity";
import { logVolume } from "../../components/logs/volume";
import { memoryBudget } from "../../components/postgres/memoryBudget";
import { unknownYet, type Change, type FieldChange } from "../change";
import { effect, type Effect } from "../effect";
import { settingsOf } from "../source/fieldChanges";
import { elasticsearchImage, imageSetting, postgresImage, shipperImage } from "./image";
import { linesStop, linesWait } from "./lines";
import { metadataRules } from "./metadata";
import {
    changeOf,
    claimSizeOf,
    containerOf,
    fileOf,
    goesElsewhere,
    memoryLimitOf,
    selectsItself,
    variableOf,
    volumesOf,
} from "./plan";
import { podRules, template } from "./pod";
import { derived, edit, judged, nothing, set, shown, type Agrees, type ObjectRules } from "./rule";

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

const noShipping = "New log lines stay in PostgreSQL's files until newer files replace them, and never arrive.";
const shipping = "Lines are shipped after the next start of PostgreSQL.";

/** A memory limit, which PostgreSQL's parameters have to fit. */
function memoryLimit({ to }: FieldChange, _: Change, plan: readonly Change[]): Effect {
    const buffers = memoryBudget(bytesOf(shown(to)) ?? 0)?.sharedBuffers;
    const conf = settingsOf(fileOf(changeOf(plan, "postgres-config")?.after, "postgresql.conf") ?? "");
    return buffers !== undefined && conf.shared_buffers === `'${mebibytes(buffers).replace("Mi", "MB")}'`
        ? effect("none", "Connections and buffers follow the memory.")
        : effect("unknown", "PostgreSQL's parameters do not follow this limit, and the kernel may kill it: check it.");
}

const isLimit: Agrees = ({ to }, { after }) => containerOf(after, "postgres")?.resources?.limits?.memory === to;
const isPostgresImage: Agrees = ({ to }, { after }) => containerOf(after, "postgres")?.image === to;
const isBudgetsShare: Agrees = ({ to }, _, plan) => {
    const budget = memoryBudget(memoryLimitOf(plan) ?? 0);
    return budget !== undefined && to === mebibytes(budget.sharedMemoryVolume);
};
/** The probes differ only in the name of the database and of its role. */
const asksDatabase: Agrees = ({ from, to }, { before, after }) => {
    const [was, is] = [before, after].map((inputs) => variableOf(inputs, "initialise", "APP") ?? "");
    return (
        JSON.stringify(from).replaceAll(words(was!), words(is!)) === JSON.stringify(to) ||
        renamed(from, was!, is!) === JSON.stringify(to)
    );
};
const words = (name: string) => `-U ${name} -d ${name}`;
const renamed = (command: unknown, from: string, to: string) =>
    JSON.stringify(command).replace(`"-U","${from}","-d","${from}"`, `"-U","${to}","-d","${to}"`);
const volumeLimit =
    (share: "limit" | "free"): Agrees =>
    ({ to }, _, plan) => {
        const size = claimSizeOf(plan, "postgres-log-queue");
        return size !== undefined && to === String(logVolume(size)[share]);
    };
/** The name of a resource in the plan, or a name that is known only after the change. */
const nameOf =
    (resource: string): Agrees =>
    ({ to }, _, plan) => {
        const name = changeOf(plan, resource)?.objectName;
        return name === undefined || to === name || to === unknownYet;
    };
/** A mount exists exactly if its volume does. */
const isVolume: Agrees = ({ from, to }, { after }) =>
    (to !== undefined) === volumesOf(after).includes(((to ?? from) as { name?: string }).name ?? "");
/** A volume of the Pod exists exactly if a container mounts it. */
const isMounted =
    (volume: string): Agrees =>
    ({ to }, { after }) => {
        const mounts = (containerOf(after, "fluent-bit") as { volumeMounts?: { name: string }[] } | undefined)
            ?.volumeMounts;
        return (to !== undefined) === (mounts?.some(({ name }) => name === volume) ?? false);
    };

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
        judged("spec.selector**", undefined, (_, { after }) =>
            selectsItself(after)
                ? effect("none", "The Deployment is replaced.")
                : effect(
                      "outage",
                      "The Deployment is deleted, and Kubernetes refuses the new one: it does not select its Pod.",
                  ),
        ),
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
            derived(`${template}.${container}.resources.requests.memory`, ["postgresMemory"], isLimit),
            judged(`${template}.${container}.resources.limits.memory`, "postgresMemory", memoryLimit),
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
        derived(`${template}.containers[postgres].*Probe.exec.command`, ["database"], asksDatabase),
        judged(`${template}.initContainers[fluent-bit]`, "shipper", ({ to }) =>
            to === undefined ? effect("log-loss", noShipping) : effect("logging", shipping),
        ),
        derived(
            `${template}.initContainers[log-keeper].image`,
            ["images.postgres", "postgresVersion"],
            isPostgresImage,
        ),
        derived(`${template}.initContainers[log-keeper].env[LIMIT].value`, ["logVolumeSize"], volumeLimit("limit")),
        derived(`${template}.initContainers[log-keeper].env[FREE].value`, ["logVolumeSize"], volumeLimit("free")),
        judged(`${template}.initContainers[fluent-bit].image`, "images.fluentBit", shipperImage),
        derived(
            `${template}.initContainers[fluent-bit].volumeMounts[/fluent-bit/*]`,
            ["elasticsearchCa", "elasticsearchAuth"],
            isVolume,
        ),
        derived(`${template}.volumes[shared-memory].emptyDir.sizeLimit`, ["postgresMemory"], isBudgetsShare),
        ...Object.entries({ data: "postgres-data", "postgres-logs": "postgres-log-queue" }).map(([volume, claim]) =>
            derived(
                `${template}.volumes[${volume}].persistentVolumeClaim.claimName`,
                [claim as "postgres-data"],
                nameOf(claim),
            ),
        ),
        derived(
            `${template}.volumes[credentials].secret.secretName`,
            ["postgres-credentials"],
            nameOf("postgres-credentials"),
        ),
        {
            ...judged(`${template}.volumes[elasticsearch-credentials].secret.secretName`, "elasticsearchSecret", () => [
                effect("unknown", "PostgreSQL's Pod does not start without that Secret: check that it exists."),
                effect("logging", "The shipper signs in with that Secret."),
            ]),
            follows: ["elasticsearch-credentials"],
            agrees: nameOf("elasticsearch-credentials"),
        },
        derived(`${template}.volumes[fluent-bit-config]`, ["shipper"], isMounted("fluent-bit-config")),
        derived(
            `${template}.volumes[elasticsearch-credentials]`,
            ["shipper", "elasticsearchAuth"],
            isMounted("elasticsearch-credentials"),
        ),
        derived(`${template}.volumes[elasticsearch-ca]`, ["shipper", "elasticsearchCa"], isMounted("elasticsearch-ca")),
        {
            ...edit("spec.template.metadata.annotations[pglog/config]", "none", "It replaces the Pod."),
            follows: ["postgres-config", "postgres-log-config"],
        },
        judged(`${template}.terminationGracePeriodSeconds`, undefined, ({ from, to }) =>
            Number(to) > Number(from)
                ? effect("none", "PostgreSQL and the shipper have longer to shut down.")
                : effect(
                      "unknown",
                      "A shutdown that is cut off is a crash: the next start runs recovery, and the last lines are not shipped.",
                  ),
        ),
        ...podRules(lookAtPod),
        edit("spec.**", "unknown", "It affects how the Pod is replaced: check it."),
        ...metadataRules,
    ],
};

const elasticsearchPod = effect("delivery", `The stack's own Elasticsearch restarts. ${linesWait}`);

const elasticsearchDeployment: ObjectRules = {
    create: nothing,
    delete: (_, plan) =>
        goesElsewhere(plan)
            ? [effect("none", "The stack's own Elasticsearch is deleted.")]
            : [effect("log-loss", `The stack's own Elasticsearch is deleted. ${linesStop}`)],
    replace: () => [elasticsearchPod],
    fields: [
        judged("spec.replicas", undefined, ({ to }) =>
            to === 0
                ? effect("log-loss", `The stack's own Elasticsearch stops. ${linesStop}`)
                : Number(to ?? 1) > 1
                  ? effect("unknown", "Two nodes cannot share one data directory: check it.")
                  : effect("delivery", `One Elasticsearch runs. ${linesWait}`),
        ),
        judged("spec.selector**", undefined, (_, { after }) =>
            selectsItself(after)
                ? effect("none", "The Deployment is replaced.")
                : effect("log-loss", `Kubernetes refuses the new Deployment: it does not select its Pod. ${linesStop}`),
        ),
        edit("spec.strategy**", "unknown", "Two nodes cannot share one data directory: check it."),
        judged(`${template}.containers[elasticsearch].image`, "images.elasticsearch", elasticsearchImage),
        derived(`${template}.volumes[realm].secret.secretName`, ["elasticsearch-realm"], nameOf("elasticsearch-realm")),
        ...podRules(
            effect("unknown", "Elasticsearch may not start again, and then no line arrives: check it."),
            elasticsearchPod,
        ),
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
