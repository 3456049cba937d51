import type { Change } from "../change";
import { effect, type Effect } from "../effect";
import { metadataRules } from "./metadata";
import { edit, follows, nothing, part, set, type ObjectRules } from "./rule";

export function passwordRules({ name }: Change): ObjectRules {
    const another = () =>
        name === "postgres-password"
            ? [
                  effect(
                      "credentials",
                      "The application's role gets a new password; the old one is refused from then on.",
                  ),
              ]
            : [effect("delivery", "The stack's own Elasticsearch gets a new password.")];
    return {
        create: nothing,
        delete: () => (name === "postgres-password" ? another() : []), // with the server that it was for
        replace: another,
        fields: [
            set("keepers.version", "passwordVersion", "none", "Another password is generated."),
            edit("**", "none", "Another password is generated."),
        ],
    };
}

/** A Secret has no fixed name: another content is another Secret, and the Pods follow. */
const secrets: Record<string, Effect> = {
    "postgres-credentials": effect("none", "PostgreSQL's Pod takes what the new Secret says."),
    "elasticsearch-credentials": effect("none", "The shipper signs in with what the new Secret says."),
    "elasticsearch-realm": effect("delivery", "The stack's own Elasticsearch restarts with the new password."),
};

export function secretRules({ name }: Change): ObjectRules {
    const known = secrets[name] ?? effect("unknown", "A Secret of another content: look who reads it.");
    return {
        create: nothing,
        delete: () => [effect("none", "Nothing reads this Secret any more.")],
        replace: () => [known],
        fields: [
            ...(name === "elasticsearch-credentials" ? elasticsearchLogin : []),
            follows("stringData.*", "database", "postgres-password", "elasticsearch-password"),
            follows("stringData", "database", "postgres-password", "elasticsearch-password"), // as a preview shows it
            edit("type", "unknown", "A Secret of another type: look who reads it."),
            ...metadataRules,
        ],
    };
}

/** What the stack says of the login at an Elasticsearch that is not its own. */
const elasticsearchLogin = [
    { ...follows("stringData.password", "elasticsearch-password"), setting: "elasticsearchPassword" as const },
    part("stringData.apiKey", "elasticsearchApiKey", "logging", "The shipper signs in with another API key."),
    part("stringData.username", "elasticsearchUser", "logging", "The shipper signs in as another user."),
].map((rule) => ({ ...rule, effects: () => [effect("logging", "The shipper signs in otherwise.")] }));
