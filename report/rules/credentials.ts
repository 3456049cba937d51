import { unknownYet, type Change } from "../change";
import { effect, type Effect } from "../effect";
import { metadataRules } from "./metadata";
import { linesStop } from "./lines";
import { changeOf, secretOf, variableOf } from "./plan";
import { derived, edit, follows, nothing, part, set, shown, type Agrees, type ObjectRules } from "./rule";

export function passwordRules({ name }: Change): ObjectRules {
    const renewed = () =>
        name === "postgres-password"
            ? [effect("credentials", "The application's role gets a new password, and the old one stops working.")]
            : [effect("delivery", "The stack's own Elasticsearch gets a new password.")];
    return {
        create: nothing,
        delete: (_, plan) => {
            if (name === "postgres-password") return renewed();
            return plan.some((one) => one.name === "elasticsearch-deployment" && one.operation === "delete")
                ? [] // the server is deleted with it
                : [effect("unknown", "Elasticsearch may have a password that nobody knows: check it.")];
        },
        replace: renewed,
        fields: [
            set("keepers.version", "passwordVersion", "none", "A new password is generated."),
            edit("**", "none", "A new password is generated."),
        ],
    };
}

/** A Secret has no fixed name: changed content creates a new Secret, and the Pods follow. */
const secrets: Record<string, { replaced: Effect; reader: string; volume: string; missing: Effect }> = {
    "postgres-credentials": {
        replaced: effect("none", "PostgreSQL's Pod uses the new Secret."),
        reader: "postgres-deployment",
        volume: "credentials",
        missing: effect("outage", "PostgreSQL's Pod still mounts it, and cannot start again."),
    },
    "elasticsearch-credentials": {
        replaced: effect("logging", "The shipper signs in with different credentials."),
        reader: "postgres-deployment",
        volume: "elasticsearch-credentials",
        missing: effect("outage", "PostgreSQL's Pod still mounts it, and cannot start again."),
    },
    "elasticsearch-realm": {
        replaced: effect("delivery", "The stack's own Elasticsearch restarts with the new password."),
        reader: "elasticsearch-deployment",
        volume: "realm",
        missing: effect("log-loss", `Elasticsearch's Pod still mounts it, and cannot start again. ${linesStop}`),
    },
};

/** True if something in the plan gives the Secret its new content: a password, the database, or the namespace. */
function isLed({ name, fields }: Change, plan: readonly Change[]): boolean {
    const [was, is] = [changeOf(plan, "postgres-deployment")?.before, changeOf(plan, "postgres-deployment")?.after].map(
        (inputs) => variableOf(inputs, "initialise", "APP"),
    );
    const password = name === "postgres-credentials" ? "postgres-password" : "elasticsearch-password";
    return (
        changeOf(plan, password) !== undefined ||
        (name === "postgres-credentials" && is !== undefined && was !== is) ||
        fields.some(({ path }) => path === "metadata.namespace")
    );
}

const notLed = effect("unknown", "Its content changed, and neither password nor database did: check it.");
/** Content that the program makes: a secret, which is hidden, or the name of the database. */
const isMade: Agrees = ({ to }, _, plan) =>
    shown(to).startsWith("[secret") ||
    to === variableOf(changeOf(plan, "postgres-deployment")?.after, "initialise", "APP");

/** The effect of a Secret that is gone, on the Pod that may still mount it or one that nobody makes. */
function removed({ name, objectName }: Change, plan: readonly Change[]): Effect {
    const known = secrets[name];
    if (known === undefined) return effect("unknown", "A Secret is deleted: check who reads it.");
    const reader = changeOf(plan, known.reader);
    const mounted = secretOf(reader?.after, known.volume);
    const isMade = plan.some(
        (one) => one.operation !== "delete" && one.type.endsWith(":Secret") && one.objectName === mounted,
    );
    const isTheUsers = name === "elasticsearch-credentials" && mounted !== objectName;
    return reader !== undefined && (mounted === undefined || mounted === unknownYet || isMade || isTheUsers)
        ? effect("none", "Nothing reads this Secret any more.")
        : known.missing;
}

export function secretRules({ name }: Change): ObjectRules {
    const known = secrets[name]?.replaced ?? effect("unknown", "A Secret's content changed: check who reads it.");
    const own = (plan: readonly Change[]) =>
        name === "elasticsearch-credentials" && changeOf(plan, "elasticsearch-password")?.operation === "replace";
    return {
        create: nothing,
        delete: (change, plan) => [removed(change, plan)],
        // The password of the stack's own Elasticsearch has a row of its own.
        replace: (change, plan) =>
            own(plan) ? [] : name === "elasticsearch-credentials" || isLed(change, plan) ? [known] : [known, notLed],
        fields: [
            ...(name === "elasticsearch-credentials" ? elasticsearchLogin : []),
            derived("stringData.*", ["database", "postgres-password", "elasticsearch-password"], isMade),
            edit("type", "unknown", "A Secret's type changed: check who reads it."),
            ...metadataRules,
        ],
    };
}

/** The login at an external Elasticsearch. */
const elasticsearchLogin = [
    { ...follows("stringData.password", "elasticsearch-password"), setting: "elasticsearchPassword" as const },
    part("stringData.apiKey", "elasticsearchApiKey", "logging", "The shipper signs in with a new API key."),
    part("stringData.username", "elasticsearchUser", "logging", "The shipper signs in as a different user."),
].map((rule) => ({ ...rule, effects: () => [effect("logging", "The shipper signs in with different credentials.")] }));
