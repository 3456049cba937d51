import { bytesOf } from "../../components/kubernetes/quantity";
import type { Change } from "../change";
import { effect, type Effect } from "../effect";
import { metadataRules } from "./metadata";
import { edit, judged, nothing, set, shown, type ObjectRules } from "./rule";

/** The size setting of each volume, and the effect of losing the volume. */
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
const anyVolume = { setting: undefined, lost: effect("data-loss", "A volume and its content are deleted.") };
const volumeOf = ({ name }: Change) => volumes[name] ?? anyVolume;

const resized = judged("spec.resources.requests.storage", undefined, ({ from, to }): Effect =>
    (bytesOf(shown(to)) ?? 0) < (bytesOf(shown(from)) ?? 0)
        ? effect("refused", "Kubernetes cannot shrink a volume: `pulumi up` fails, and nothing is lost.")
        : effect(
              "unknown",
              "The volume grows in place if its StorageClass has allowVolumeExpansion; otherwise `pulumi up` fails: check it.",
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
            set("spec.storageClassName", "storageClass", "none", "A new, empty volume takes its place."),
            set("spec.accessModes", "storageAccessMode", "none", "A new, empty volume takes its place."),
            ...metadataRules,
        ],
    };
}

const everything = () => [
    effect("data-loss", "The namespace is deleted with everything in it: database, volumes, Secrets."),
];

/** Levels of the Pod Security Standards, strictest last. */
const strictness = ["privileged", "baseline", "restricted"];

export const namespaceRules: ObjectRules = {
    create: nothing,
    delete: everything,
    replace: everything,
    fields: [
        set("metadata.name", "namespace", "none", "Everything is created again there."),
        edit("metadata.labels[pod-security.kubernetes.io/warn]", "none", "It changes only which warnings are printed."),
        judged("metadata.labels[pod-security.kubernetes.io/*]", undefined, ({ from, to }) =>
            strictness.indexOf(shown(to)) < strictness.indexOf(shown(from))
                ? effect("security", "The namespace admits Pods with more privileges.")
                : effect("none", "The namespace admits only Pods with fewer privileges."),
        ),
        ...metadataRules,
    ],
};
