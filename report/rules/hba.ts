import { effect, type Effect } from "../effect";

/** Authentication methods by what they admit, strictest first. A method that is not here may admit anybody. */
const strictness = [["reject"], ["scram-sha-256", "peer", "cert"], ["md5"], ["password"], ["trust"]];

/** What a record admits: the place of its method among the methods. */
function admits(method: string): number {
    const place = strictness.findIndex((methods) => methods.includes(method));
    return place === -1 ? strictness.length : place;
}

interface Entry {
    whom: string;
    method: string;
}

/** The records of the file: for whom, and with which method. A mask in a column of its own is not understood. */
function records(text: unknown): Entry[] {
    const lines = typeof text === "string" ? text.split("\n").map((line) => line.replace(/#.*/, "").trim()) : [];
    return lines
        .filter((line) => line !== "")
        .map((line) => {
            const words = line.split(/\s+/);
            const place = words[0] === "local" ? 3 : 4;
            return { whom: words.slice(0, place).join(" "), method: words.slice(place).join(" ") };
        });
}

const has = (list: Entry[], one: Entry) => list.some(({ whom }) => whom === one.whom);

/** True if the clients of a record that is gone meet a weaker one now. */
const isOpenWithout = (after: Entry[], gone: Entry) =>
    after.some((one) => one.whom.split(" ")[0] === gone.whom.split(" ")[0] && admits(one.method) > admits(gone.method));

const read = "Read the diff of pg_hba.conf";

/**
 * The effect of a changed pg_hba.conf. The first record that fits a client decides, and without one it is refused.
 * Source: https://www.postgresql.org/docs/18/auth-pg-hba-conf.html
 */
export function hbaEffect({ from, to }: { from: unknown; to: unknown }): Effect {
    const [before, after] = [records(from), records(to)];
    const steps = [
        ...after.map((one) => {
            const was = before.find(({ whom }) => whom === one.whom);
            if (was !== undefined) return admits(one.method) - admits(was.method);
            return admits(one.method) === 0 ? -1 : 1;
        }),
        ...before.filter((one) => !has(after, one)).map((one) => (isOpenWithout(after, one) ? 1 : -1)),
    ];
    const kept = (list: typeof before, other: typeof before) =>
        list.filter((one) => has(other, one)).map((one) => one.whom);
    const sameOrder = kept(before, after).join("\n") === kept(after, before).join("\n");
    if (sameOrder && steps.every((step) => step <= 0))
        return steps.some((step) => step < 0)
            ? effect("limits", `Fewer clients may connect, or they need a stronger proof. ${read}.`)
            : effect("none", "The same clients may connect.");
    return effect("security", `More clients may connect, or with a weaker proof. ${read}.`);
}
