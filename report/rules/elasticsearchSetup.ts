import type { FieldChange } from "../change";
import { effect, type Effect } from "../effect";
import { metadataRules } from "./metadata";
import { edit, follows, judged, nothing, part, shown, type FieldRule, type ObjectRules } from "./rule";

/** The days that a lifecycle value keeps lines; no value keeps them for ever. */
const days = (value: unknown) => Number(/^(\d+)d$/.exec(shown(value))?.[1] ?? Infinity);

function retention({ from, to }: Pick<FieldChange, "from" | "to">): Effect {
    if (days(to) === days(from)) return effect("none", "Elasticsearch keeps lines as long as before.");
    return days(to) < days(from)
        ? effect("log-loss", `Elasticsearch deletes lines older than ${days(to)} days.`)
        : effect("none", "Elasticsearch keeps lines longer.");
}

/** The age at which a lifecycle policy deletes lines; undefined if the file is no policy. */
function minAge(file: unknown): unknown {
    const policy = file as { policy?: { phases?: { delete?: { min_age?: unknown } } } } | undefined;
    return policy?.policy?.phases?.delete?.min_age;
}

/** A field with the retention. After a change of the target it applies to new indices only, so nothing is deleted. */
function kept(at: string, effects: (field: FieldChange) => Effect): FieldRule {
    return { ...judged(at, "elasticsearchRetentionDays", effects), follows: ["elasticsearchTarget"] };
}

const nextIndex =
    "Applies to the next daily index, or after the data stream's next rollover. Until then lines keep the old type, and a search over both may conflict.";

export const setupRules: ObjectRules = {
    create: nothing,
    delete: nothing,
    replace: nothing,
    fields: [
        kept("data[policy.json].policy.phases.delete.min_age", retention),
        kept("data[lifecycle.json].data_retention", retention),
        kept("data[template.json].template.lifecycle.data_retention", retention),
        kept("data[policy.json]", ({ from, to }) => retention({ from: minAge(from), to: minAge(to) })),
        follows(
            "data[template.json].template.settings[index.lifecycle.name]",
            "elasticsearchRetentionDays",
            "elasticsearchIndex",
        ),
        edit("data[policy.json]**", "unknown", "The lifecycle policy handles lines differently: check it."),
        edit("data[template.json].template.mappings**", "logging", nextIndex),
        edit("data[template.json].template.settings**", "logging", nextIndex),
        part(
            "data[template.json].index_patterns",
            "elasticsearchIndex",
            "logging",
            "The template applies to different indices.",
        ),
        part(
            "data[template.json].data_stream**",
            "elasticsearchTarget",
            "logging",
            "Lines go to a different kind of index.",
        ),
        follows("data[lifecycle.json]", "elasticsearchTarget"),
        follows("data[requests]", "elasticsearchTarget", "elasticsearchIndex", "elasticsearchRetentionDays"),
        edit("data[template.json]**", "logging", nextIndex),
        edit("data[*]", "unknown", "A script changed: read the diff."),
        ...metadataRules,
    ],
};
