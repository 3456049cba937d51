import { isDeepStrictEqual } from "node:util";
import { unknownYet, type Change, type FieldChange } from "../change";
import { effect, type Effect } from "../effect";
import { metadataRules } from "./metadata";
import { podRules, template } from "./pod";
import { clientImage } from "./image";
import { changeOf, outputOf, postgresOf, variableOf } from "./plan";
import { derived, edit, follows, judged, set, shown, type Agrees, type FieldRule, type ObjectRules } from "./rule";

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

const isNamed: Agrees = ({ to }, _, plan) => {
    const name = changeOf(plan, "postgres-credentials")?.objectName;
    return name === undefined || to === name || to === unknownYet;
};
const both = ["elasticsearch-setup", "delivery-proof-job"];

/** Both Jobs reach Elasticsearch in the same way, so what follows the settings changes in both. */
const asTheOther: Agrees = (field, { name }, plan) => {
    const other = changeOf(
        plan,
        both.find((one) => one !== name)!,
    );
    if (other?.before === undefined || other.after === undefined) return other !== undefined;
    const where = place(field.path);
    return other.fields.some(
        ({ path, from, to }) => place(path) === where && isDeepStrictEqual([from, to], [field.from, field.to]),
    );
};
/** The path without the name of the container, which is the Job's own. */
const place = (path: string) => path.replace(/containers\[[\w-]+\]/, "containers[*]");

/** The variables of the delivery proof that name the index agree with each other. */
const findsTheLines: Agrees = (_, { after }) => {
    const [target, index, search] = ["TARGET", "INDEX", "SEARCH"].map((name) =>
        variableOf(after, "await-delivery", name),
    );
    return search === (target === "data-stream" ? index : `${index}-*`);
};

/** The proof connects to the stack's own database, under the name of any of its Services, as the application's role. */
function connects({ path, to }: FieldChange, { after }: Change, plan: readonly Change[]): Effect[] {
    const namespace = (after?.metadata as { namespace?: string } | undefined)?.namespace ?? "";
    const deployment = changeOf(plan, "postgres-deployment")?.after;
    const [service, ...rest] = shown(to).split(".");
    const isService =
        /^postgres(-\w+)?$/.test(service!) ||
        plan.some(({ type, objectName, after: made }) => type.endsWith(":Service") && made && objectName === service);
    const right = path.includes("PGHOST")
        ? isService && rest.join(".") === `${namespace}.svc`
        : path.includes("PGDATABASE")
          ? to === "postgres"
          : deployment !== undefined && to === variableOf(deployment, "initialise", "APP");
    return right ? [] : [effect("unknown", "The Job connects to a different database: check it.")];
}

const shipsNoMore = (plan: readonly Change[]) => {
    const config = changeOf(plan, "postgres-log-config");
    return config !== undefined && outputOf(config.after) === undefined;
};

/** The Jobs. Each runs again when its Pod template changes. */
const jobs: Record<string, { again: string; gone: (plan: readonly Change[]) => Effect }> = {
    "elasticsearch-setup": {
        again: "The set-up of Elasticsearch runs again.",
        gone: (plan) =>
            shipsNoMore(plan)
                ? effect("none", "This stack no longer sets up Elasticsearch.")
                : effect("unknown", "Nothing sets up Elasticsearch any more, and lines still go there: check it."),
    },
    "postgres-settings-check": {
        again: "`pulumi up` waits until PostgreSQL has taken up its settings.",
        gone: () => effect("unknown", "Nothing waits any more until PostgreSQL has taken up its settings: check it."),
    },
    "delivery-proof-job": {
        again: "The delivery proof runs again.",
        gone: () => effect("logging", "Nothing proves that lines arrive."),
    },
};

/** Rules for a container that connects to PostgreSQL and has its image. */
const clientOfPostgres = (container: string): FieldRule[] => [
    derived(
        `${template}.${container}.image`,
        ["images.postgres", "postgresVersion"],
        ({ to }, _, plan) => postgresOf(plan)?.image === to,
    ),
    ...["HOST", "USER", "DATABASE"].map((one) =>
        judged(`${template}.${container}.env[PG${one}].value`, undefined, connects),
    ),
];

/** The Job that waits for the settings runs again with each new revision of them. */
const settingsCheck: FieldRule[] = [
    ...clientOfPostgres("containers[await-settings]"),
    follows(`${template}.containers[await-settings].env[REVISION].value`, "postgres-config", "postgres-log-config"),
];

export function jobRules({ name }: Change): ObjectRules {
    const { again, gone } = jobs[name] ?? {
        again: "A Job without a rule runs again: check it.",
        gone: () => effect("unknown", "A Job without a rule is deleted: check it."),
    };
    const runs = () => [effect(name in jobs ? "none" : "unknown", again)];
    return {
        create: runs,
        replace: runs,
        delete: (_, plan) => [gone(plan)],
        fields: [
            ...settingsCheck,
            judged(`${template}.containers[*].image`, "images.curl", (field) => clientImage(field, again)),
            ...["containers", "initContainers"].map((list) =>
                set(
                    `${template}.${list}[*].env[TIMEOUT].value`,
                    "deliveryTimeout",
                    "none",
                    "It changes how long `pulumi up` waits.",
                ),
            ),
            {
                ...edit("spec.template.metadata.annotations[pglog/*]", "none", again),
                follows: [
                    "elasticsearch-setup-config",
                    "delivery-proof-scripts",
                    "postgres-deployment",
                    "postgres-config",
                    "postgres-log-config",
                ],
            },
            ...clientOfPostgres("initContainers[log-marker]"),
            ...["TARGET", "INDEX", "SEARCH"].map((one) =>
                derived(
                    `${template}.containers[await-delivery].env[${one}].value`,
                    ["elasticsearchTarget", "elasticsearchIndex"],
                    findsTheLines,
                ),
            ),
            derived(`${template}.volumes[postgres-credentials].secret.secretName`, ["postgres-credentials"], isNamed),
            ...[
                "containers[*].env[*].value",
                "containers[*].env[*]",
                "containers[*].volumeMounts[*]",
                "volumes[*]",
            ].map((at) => derived(`${template}.${at}`, endpoint, asTheOther)),
            derived(`${template}.volumes[*].secret.secretName`, endpoint, asTheOther),
            ...podRules(effect("unknown", "The Job may do something different: check it.")),
            edit("spec.**", "unknown", "The Job may run differently: check it."),
            ...metadataRules,
        ],
    };
}
