import { bytesOf } from "../../components/kubernetes/quantity";
import type { Change } from "../change";
import { effect, type Effect } from "../effect";
import { edit, follows, judged, nothing, part, set, shown, type FieldRule, type ObjectRules } from "./rule";

/** What every object has. */
export const metadataRules: FieldRule[] = [
    set("metadata.namespace", "namespace", "none", "It is made anew in that namespace."),
    edit("metadata.name", "none", "It is made anew under that name."),
    edit("metadata.labels[*]", "none", "A label that nothing selects by."),
    edit("metadata.labels.*", "none", "A label that nothing selects by."),
    edit("metadata.annotations[pulumi.com/*]", "none", "How Pulumi waits for it."),
];

/** What is in a volume, and what losing it means. */
const volumes: Record<string, { setting: "storageSize" | "logVolumeSize" | undefined; lost: Effect }> = {
    "postgres-data": {
        setting: "storageSize",
        lost: effect("data-loss", "The volume with all databases is deleted."),
    },
    "postgres-log-queue": {
        setting: "logVolumeSize",
        lost: effect("log-loss", "Log files are deleted, with the lines that Elasticsearch has not taken yet."),
    },
    "elasticsearch-data": {
        setting: undefined,
        lost: effect("log-loss", "All lines in the stack's own Elasticsearch are deleted."),
    },
};
const anyVolume = { setting: undefined, lost: effect("data-loss", "A volume is deleted, with what is in it.") };
const volumeOf = ({ name }: Change) => volumes[name] ?? anyVolume;

const resized = judged("spec.resources.requests.storage", undefined, ({ from, to }): Effect =>
    (bytesOf(shown(to)) ?? 0) < (bytesOf(shown(from)) ?? 0)
        ? effect("refused", "Kubernetes shrinks no volume; nothing is lost, and `pulumi up` fails.")
        : effect(
              "unknown",
              "The volume grows in place if its StorageClass has allowVolumeExpansion; if not, `pulumi up` fails: look.",
          ),
);

export function claimRules(change: Change): ObjectRules {
    const { setting, lost } = volumeOf(change);
    return {
        create: nothing,
        delete: () => [lost],
        replace: () => [lost],
        fields: [
            { ...resized, setting, isSetting: true },
            set("spec.storageClassName", "storageClass", "none", "Another volume takes its place."),
            set("spec.accessModes", "storageAccessMode", "none", "Another volume takes its place."),
            ...metadataRules,
        ],
    };
}

const everything = () => [
    effect("data-loss", "The namespace is deleted, with everything in it: database, volumes, Secrets."),
];

/** Levels of the Pod Security Standards, the strictest last. */
const strictness = ["privileged", "baseline", "restricted"];

export const namespaceRules: ObjectRules = {
    create: nothing,
    delete: everything,
    replace: everything,
    fields: [
        set("metadata.name", "namespace", "none", "Everything is made anew there."),
        judged("metadata.labels[pod-security.kubernetes.io/*]", undefined, ({ from, to }) =>
            strictness.indexOf(shown(to)) < strictness.indexOf(shown(from))
                ? effect("security", "Pods with more rights are let into the namespace.")
                : effect("none", "The namespace lets in Pods with fewer rights only."),
        ),
        ...metadataRules,
    ],
};

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
