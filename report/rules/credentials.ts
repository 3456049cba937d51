import type { Change } from "../change";
import { effect, type Effect } from "../effect";
import { metadataRules } from "./metadata";
import { edit, follows, nothing, part, set, type ObjectRules } from "./rule";

export function passwordRules({ name }: Change): ObjectRules {
    const renewed = () =>
        name === "postgres-password"
            ? [effect("credentials", "The application's role gets a new password, and the old one stops working.")]
            : [effect("delivery", "The stack's own Elasticsearch gets a new password.")];
    return {
        create: nothing,
        delete: () => (name === "postgres-password" ? renewed() : []), // the server is deleted with it
        replace: renewed,
        fields: [
            set("keepers.version", "passwordVersion", "none", "A new password is generated."),
            edit("**", "none", "A new password is generated."),
        ],
    };
}

/** A Secret has no fixed name: changed content creates a new Secret, and the Pods follow. */
const secrets: Record<string, Effect> = {
    "postgres-credentials": effect("none", "PostgreSQL's Pod uses the new Secret."),
    "elasticsearch-credentials": effect("none", "The shipper signs in with the new Secret."),
    "elasticsearch-realm": effect("delivery", "The stack's own Elasticsearch restarts with the new password."),
};

export function secretRules({ name }: Change): ObjectRules {
    const known = secrets[name] ?? effect("unknown", "A Secret's content changed: check who reads it.");
    return {
        create: nothing,
        delete: () => [effect("none", "Nothing reads this Secret any more.")],
        replace: () => [known],
        fields: [
            ...(name === "elasticsearch-credentials" ? elasticsearchLogin : []),
            follows("stringData.*", "database", "postgres-password", "elasticsearch-password"),
            follows("stringData", "database", "postgres-password", "elasticsearch-password"), // in a preview
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
