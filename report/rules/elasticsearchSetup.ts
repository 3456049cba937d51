import type { Change, FieldChange } from "../change";
import { effect, type Effect } from "../effect";
import { metadataRules } from "./metadata";
import { fileOf, parsedFileOf, stillRead } from "./plan";
import { derived, edit, follows, judged, nothing, part, shown, type ObjectRules } from "./rule";

interface Files {
    policy?: { policy?: { phases?: { delete?: { min_age?: unknown } } } };
    template?: { data_stream?: unknown; template?: { lifecycle?: { data_retention?: unknown } } };
    lifecycle?: { data_retention?: unknown };
}

function filesOf(inputs: Change["after"]): Files {
    // Earlier versions had the bodies alone, in files with these names.
    const file = (name: string) =>
        (parsedFileOf(inputs, `${name}.http`) ?? parsedFileOf(inputs, `${name}.json`)) as object | undefined;
    return { policy: file("policy"), template: file("template"), lifecycle: file("lifecycle") };
}

/** The days in a value; no value keeps lines for ever. */
const days = (value: unknown) => (value === undefined ? Infinity : Number(/^(\d+)d$/.exec(shown(value))?.[1]));

/** The days that lines are kept: infinite if for ever, and not a number if the value has no rule. */
function retentionOf(inputs: Change["after"]): number {
    const { policy, template, lifecycle } = filesOf(inputs);
    const unread = ["policy.http", "template.http", "lifecycle.http"].some(
        (name) => fileOf(inputs, name) !== undefined && parsedFileOf(inputs, name) === undefined,
    );
    if (unread) return NaN;
    if (template?.data_stream === undefined) return days(policy?.policy?.phases?.delete?.min_age);
    return Math.min(...[template.template?.lifecycle?.data_retention, lifecycle?.data_retention].map(days));
}

/** The effect of a field that decides how long lines are kept; both targets, since a new one begins with its own. */
function retention(_: FieldChange, { before, after }: Change): Effect {
    const [from, to] = [retentionOf(before), retentionOf(after)];
    if (Number.isNaN(from) || Number.isNaN(to))
        return effect("unknown", "It is not a number of days: check how long lines are kept.");
    if (to < from) return effect("log-loss", `Elasticsearch deletes lines older than ${to} days.`);
    return effect("none", `Elasticsearch keeps lines ${to === from ? "as long as before" : "longer"}.`);
}

const nextIndex =
    "Applies to the next daily index, or after the data stream's next rollover. Until then lines keep the old type, and a search over both may conflict.";

/** The template names a policy exactly if there is one that deletes lines, and gives it the name of the index. */
function policyIsNamed({ to }: FieldChange, { after }: Change): boolean {
    const { policy, template } = filesOf(after);
    const [pattern] = (template as { index_patterns?: unknown[] } | undefined)?.index_patterns ?? [];
    return to === undefined
        ? policy?.policy?.phases?.delete === undefined || template?.data_stream !== undefined
        : pattern === `${shown(to)}-*`;
}

export const setupRules: ObjectRules = {
    create: nothing,
    delete: stillRead("elasticsearch-setup"),
    replace: stillRead("elasticsearch-setup"),
    fields: [
        follows("data[*.http].request", "elasticsearchTarget", "elasticsearchIndex", "elasticsearchRetentionDays"),
        ...[
            "data[policy.http].policy.phases.delete.min_age",
            "data[lifecycle.http].data_retention",
            "data[template.http].template.lifecycle.data_retention",
            "data[template.http].template.lifecycle",
            "data[policy.http]",
            "data[lifecycle.http]",
        ].map((at) => judged(at, "elasticsearchRetentionDays", retention)),
        derived(
            "data[template.http].template.settings[index.lifecycle.name]",
            ["elasticsearchRetentionDays", "elasticsearchIndex", "elasticsearchTarget"],
            policyIsNamed,
        ),
        edit("data[policy.http]**", "unknown", "The lifecycle policy handles lines differently: check it."),
        edit("data[template.http].template.mappings**", "logging", nextIndex),
        edit("data[template.http].template.settings**", "logging", nextIndex),
        part(
            "data[template.http].index_patterns",
            "elasticsearchIndex",
            "logging",
            "The template applies to different indices.",
        ),
        part(
            "data[template.http].data_stream**",
            "elasticsearchTarget",
            "logging",
            "Lines go to a different kind of index.",
        ),
        edit("data[template.http]", "unknown", "Elasticsearch may refuse the index template: check it."),
        edit("data[template.http]**", "logging", nextIndex),
        edit("data[*]", "unknown", "A script changed: read the diff."),
        ...metadataRules,
    ],
};
