import { autonamed, fixedName } from "../../render/metadata";
import { unknownYet, type Change, type FieldChange, type Operation, type Plan } from "../change";
import { fieldChanges } from "./fieldChanges";
import { run } from "./run";

/** The output of `pulumi preview --json`, as far as the report reads it (pkg/display of github.com/pulumi/pulumi). */
export interface PreviewDigest {
    steps?: Step[];
    diagnostics?: { message: string; severity: string; urn?: string }[];
}

interface Step {
    op: string;
    urn: string;
    oldState?: State;
    newState?: State;
    detailedDiff?: Record<string, { kind: string; inputDiff: boolean }> | null;
}

interface State {
    type: string;
    custom?: boolean;
    protect?: boolean;
    retainOnDelete?: boolean;
    inputs?: Record<string, unknown>;
    outputs?: Record<string, unknown>;
}

/** The engine's operations. Undefined marks a step that repeats a different step. */
const operations: Record<string, Operation | undefined> = {
    create: "create",
    update: "update",
    replace: "replace",
    delete: "delete",
    same: "update", // options such as protection may change
    import: "create",
    // --show-replacement-steps adds these to "replace":
    "create-replacement": undefined,
    "delete-replaced": undefined,
};

/** The engine's placeholder for a value that is known only after the change. */
const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/**
 * Runs `pulumi preview` for a stack, which changes nothing, and returns the JSON that it prints.
 *
 * @param flags further flags of `pulumi preview`
 * @param env variables of `pulumi`
 * @throws if there is no `pulumi`, or it prints no preview; a failed preview that prints one is returned
 */
export async function runPreview(stack: string, flags: string[], env = process.env): Promise<string> {
    const args = ["preview", "--json", "--show-sames", "--non-interactive", "--stack", stack, ...flags];
    const { stdout, stderr } = await run("pulumi", args, { env }).catch((error: unknown) => {
        throw new Error(
            `${(error as Error).message}. Install it (https://www.pulumi.com/docs/install/), or give a preview: pulumi preview --json --show-sames --stack ${stack} > preview.json, then --preview preview.json`,
            { cause: error },
        );
    });
    if (stdout.trimStart().startsWith("{")) return stdout;
    throw new Error(`pulumi ${args.join(" ")} printed no preview: ${(stderr || stdout).trim()}`);
}

/**
 * Reads the plan from a preview's JSON.
 *
 * @throws if the text is not a preview
 */
export function planFromPreview(stack: string, text: string): Plan {
    let digest: PreviewDigest;
    try {
        digest = JSON.parse(text) as PreviewDigest;
    } catch (error) {
        throw new Error(
            `this is no preview: ${(error as Error).message}. Run: pulumi preview --json --show-sames --stack ${stack} > preview.json`,
            { cause: error },
        );
    }
    const steps = digest.steps ?? [];
    if (steps.length === 0 && !digest.diagnostics)
        throw new Error(
            `this is no preview: it has neither steps nor diagnostics. Run: pulumi preview --json --show-sames --stack ${stack} > preview.json`,
        );
    const errors = (digest.diagnostics ?? []).filter(({ severity }) => severity === "error");
    return {
        stack,
        changes: steps.flatMap((step) => changeOf(step) ?? []),
        errors: [...new Set(errors.map(({ message }) => message.replace(/^error: /, "").trim()))],
    };
}

function changeOf({ op, urn, oldState, newState, detailedDiff }: Step): Change | undefined {
    const operation = op in operations ? operations[op] : "update";
    const state = (newState ?? oldState)!;
    // Components and the stack itself are not objects.
    if (operation === undefined || state.custom !== true) return undefined;
    const before = oldState && known(oldState.inputs ?? {});
    const after = newState && operation !== "delete" ? known(newState.inputs ?? {}) : undefined;
    const found = before && after ? fieldChanges(before, after) : [];
    const fields = found.length === 0 && op === "update" ? drift(detailedDiff ?? {}) : found;
    const unprotects = Boolean(oldState?.protect && newState && !newState.protect);
    if (operation === "update" && fields.length === 0 && !unprotects) return undefined;
    const name = urn.split("::").at(-1)!;
    return {
        urn,
        type: state.type,
        name,
        // The name that the provider chose is of interest only where the object goes.
        objectName:
            operation === "delete"
                ? fixedName(oldState?.inputs)
                : (knownName(after) ?? (operation === "replace" ? undefined : knownName(before))),
        operation,
        protected: Boolean((operation === "delete" ? oldState : newState)?.protect),
        retained: Boolean((oldState ?? newState)?.retainOnDelete),
        unprotects,
        before,
        after,
        fields,
    };
}

function knownName(inputs: Record<string, unknown> | undefined): string | undefined {
    const name = fixedName(inputs);
    return name === unknownYet ? undefined : name;
}

/** The inputs without the provider's additions, with text for unknown and secret values. */
function known(inputs: Record<string, unknown>): Record<string, unknown> {
    const own = Object.entries(inputs).filter(([name]) => !name.startsWith("__"));
    const plainly = Object.fromEntries(own.map(([name, value]) => [name, plain(value)]));
    return plainly.kind === "Secret" ? oneContent(withoutOwnName(plainly)) : withoutOwnName(plainly);
}

/** Removes a name that the provider chose, because each replacement changes it. */
function withoutOwnName(inputs: Record<string, unknown>): Record<string, unknown> {
    const { annotations, ...metadata } = (inputs.metadata ?? {}) as Record<string, unknown>;
    if (typeof annotations !== "object" || annotations === null || !(autonamed in annotations)) return inputs;
    const kept = Object.entries(annotations).filter(([key]) => key !== autonamed);
    delete metadata.name;
    return {
        ...inputs,
        metadata: { ...metadata, ...(kept.length > 0 && { annotations: Object.fromEntries(kept) }) },
    };
}

/** Hides a Secret's content. The provider moves `stringData` to `data` once it is known, which is no change. */
function oneContent({ data, stringData, ...rest }: Record<string, unknown>): Record<string, unknown> {
    return data === undefined && stringData === undefined ? rest : { ...rest, stringData: "[secret]" };
}

function plain(value: unknown): unknown {
    if (value === unknownValue) return unknownYet;
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value !== "object" || value === null) return value;
    if ("4dabf18193072939515e22adb298388d" in value) return "[secret]";
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}

/** Fields that differ only in the cluster: the program did not change, so somebody edited the object. */
function drift(detailed: NonNullable<Step["detailedDiff"]>): FieldChange[] {
    return Object.keys(detailed).map((path) => ({
        path,
        from: "[changed in the cluster]",
        to: "[value of the program]",
    }));
}
