import { fixedName } from "../render/metadata";
import { subject, type Change, type FieldChange, type Operation, type Plan } from "./change";
import { byLevel, effect, worst, type Effect, type Level } from "./effect";
import { anyKind, kinds } from "./rules/kinds";
import type { FieldRule, Setting } from "./rules/rule";

/** One line of the report: a setting, object or field, its change, and the effects. */
export interface Row {
    /** The setting of the stack; undefined if only an edit of the program changes it. */
    setting?: Setting;
    /** The object, and the field if the row is about a field. */
    subject: string;
    /** Such as `1Gi → 2Gi`, or the operation. */
    from?: unknown;
    to?: unknown;
    operation?: Operation;
    effects: Effect[];
    level: Level;
    /** Rows that make this one redundant. */
    follows?: FieldRule["follows"];
}

/** The changes of a plan in terms of the stack's settings. */
export interface Classification {
    rows: Row[];
    /** Every level that occurs, worst first. */
    levels: Level[];
}

/** The effects of each change of a plan. A change without a rule is "unknown", never "none". */
export function classify({ changes, errors }: Plan): Classification {
    const found = changes.flatMap((change) => rowsOf(change, changes));
    const changed = new Set<string>(changes.map(({ name }) => name));
    const led = ({ follows = [] }: Row) => follows.some((leader) => changed.has(leader));
    // First the settings that follow nothing, then the settings whose leaders did not change.
    for (const ready of [(one: Row) => one.follows === undefined, (one: Row) => !led(one)])
        for (const { setting } of found.filter(ready)) if (setting !== undefined) changed.add(setting);
    const said = found.filter((one) => !led(one));
    const rows = merged(said).sort((a, b) => byLevel(a.level, b.level));
    const restarts: Level[] = changes.some(restartsPostgres) ? ["restart"] : [];
    const refused: Level[] = errors.length > 0 ? ["refused"] : [];
    const all = [...rows.flatMap((one) => one.effects.map(({ level }) => level)), ...restarts, ...refused];
    // A start reads all files, so nothing is left to reload.
    const levels = [...new Set(all)].filter((level) => level !== "reload" || !all.includes("restart"));
    return { rows, levels: levels.sort(byLevel) };
}

/** True if PostgreSQL gets a new Pod: its template changes, or its Deployment, a volume or the namespace is replaced. */
function restartsPostgres({ name, operation, fields, ...change }: Change): boolean {
    if (operation === "replace" && !change.protected)
        return ["postgres-deployment", "postgres-data", "postgres-log-queue", "namespace"].includes(name);
    return name === "postgres-deployment" && fields.some(({ path }) => path.startsWith("spec.template."));
}

/** Resources that are part of PostgreSQL's Pod. A change of their content restarts it, but for files that it reloads. */
const inPod = new Set(["postgres-deployment", "postgres-config", "postgres-log-config"]);
const reloaded = /^data\[(reloadable\.conf|logging\.conf|pg_hba\.conf)\]/;
/** Read only by the Job that waits until PostgreSQL has its settings. */
const ofTheCheck = "data[await-settings.sh]";

function rowsOf(change: Change, all: Change[]): Row[] {
    const { name, type, operation, objectName } = change;
    if (type.startsWith("pulumi:providers:")) return providerRows(change);
    const rules = kinds[type]?.(change) ?? anyKind;
    const twin = movedFrom(change, all);
    if (twin !== undefined) return twin;
    const rows = change.fields.flatMap((field) => fieldRows(change, field, rules.fields, all));
    if (operation !== "update") {
        const effects = outcome(change, rules[operation](change, all));
        // The row of the field that forces a replacement also reports its effects.
        const cause = rows.find((one) => one.follows === undefined);
        if (operation === "replace" && cause !== undefined) cause.effects.unshift(...effects);
        else if (effects.length > 0) rows.unshift(row({ subject: subject(change), operation, effects }));
    }
    for (const { path, setting, effect: wrong } of rules.wrong?.(change, all) ?? [])
        rows.push(row({ setting, subject: `${subject(change)}: ${path}`, effects: [wrong] }));
    if (change.unprotects)
        rows.push(
            row({
                setting: "protectData",
                subject: subject({ type, name, objectName }),
                from: true,
                to: false,
                effects: [effect("security", "The next change, or `pulumi destroy`, can delete the data.")],
            }),
        );
    return rows;
}

const anyField: FieldRule = {
    at: /^/,
    effects: () => [effect("unknown", "There is no rule for this field: check what it does.")],
};

function fieldRows(change: Change, field: FieldChange, rules: FieldRule[], all: Change[]): Row[] {
    const rule = rules.find(({ at }) => at.test(field.path)) ?? anyField;
    const effects = rule.effects(field, change, all);
    if (effects.length === 0) return [];
    const setting = typeof rule.setting === "function" ? rule.setting(field) : rule.setting;
    const values = setting === undefined || rule.isSetting ? { from: field.from, to: field.to } : {};
    if (inPod.has(change.name) && /^(data\[|spec\.template\.)/.test(field.path) && field.path !== ofTheCheck)
        effects.push(effect(reloaded.test(field.path) ? "reload" : "restart", ""));
    const follows = (rule.agrees?.(field, change, all) ?? true) ? rule.follows : undefined;
    return [row({ setting, subject: `${subject(change)}: ${field.path}`, ...values, effects, follows })];
}

function row(given: Omit<Row, "level">): Row {
    return { ...given, level: worst(given.effects.map(({ level }) => level)) };
}

/** The effects of a deletion or replacement, after protection and `retainOnDelete`. */
function outcome(change: Change, effects: Effect[]): Effect[] {
    const { operation, objectName } = change;
    if (operation === "create") return effects;
    if (change.protected)
        return [effect("refused", "It is protected: `pulumi up` refuses before it changes anything.")];
    if (!change.retained) return effects;
    const loses = effects.some(({ level }) => level === "data-loss" || level === "log-loss");
    if (operation === "replace" && objectName !== undefined)
        return [
            effect(
                loses ? "outage" : "refused",
                "The old object stays in the cluster and keeps the name, so the new one cannot be created: `pulumi up` fails half-way.",
            ),
        ];
    return loses ? [effect("none", "It stays in the cluster, and nothing manages it any more.")] : effects;
}

/**
 * The row for an object whose URN changed without an alias. The engine would create it under the new URN first, but the
 * cluster already has it.
 */
function movedFrom(change: Change, all: Change[]): Row[] | undefined {
    const { type, objectName, operation } = change;
    // The provider gives an object without a fixed name a new one, so it cannot conflict.
    if (fixedName(change.after ?? change.before) === undefined) return undefined;
    if (objectName === undefined || (operation !== "create" && operation !== "delete")) return undefined;
    const isTwin = (other: Change) =>
        other.type === type && other.urn !== change.urn && other.objectName === objectName;
    const twin = all.find(
        (other) => isTwin(other) && other.operation === (operation === "create" ? "delete" : "create"),
    );
    if (twin === undefined) return undefined;
    if (operation === "delete") return [];
    return [
        row({
            subject: subject(change),
            operation: "replace",
            effects: [
                effect(
                    "refused",
                    `Its URN changed, so the engine creates it again, but the object already exists. Add an alias: ${twin.urn}`,
                ),
            ],
        }),
    ];
}

/** A new release of a provider's package creates a new provider. A changed configuration may point to a different cluster. */
function providerRows(change: Change): Row[] {
    if (change.operation === "create" || change.operation === "delete") return [];
    const fields = change.fields.filter(({ path }) => path !== "version");
    if (fields.length === 0 && change.operation === "update") return [];
    return [
        row({
            subject: subject(change),
            operation: change.operation,
            effects: [
                effect(
                    "unknown",
                    "The provider's configuration changed, so it may point to a different cluster: check it.",
                ),
            ],
        }),
    ];
}

/** One row per setting, and one per object or field that has no setting. */
function merged(rows: Row[]): Row[] {
    const groups = Map.groupBy(rows, (one) => one.setting ?? one.subject);
    return [...groups.values()].map((group) => {
        const stated = group.find((one) => one.from !== undefined || one.to !== undefined) ?? group[0]!;
        const effects = [stated, ...group].flatMap((one) => one.effects);
        const unique = [...new Map(effects.map((one) => [`${one.level} ${one.says}`, one])).values()];
        return row({ ...stated, follows: undefined, effects: unique.sort((a, b) => byLevel(a.level, b.level)) });
    });
}
