const second = 1000;
const units: Record<string, number> = {
    ms: 1,
    s: second,
    min: 60 * second,
    m: 60 * second,
    h: 3600 * second,
    d: 86_400 * second,
    w: 604_800 * second,
};
const day = units.d!;

/** "100ms", "1.5s", "15m", "24h", "7d" or "2w" in milliseconds; undefined for anything else. */
export function durationOf(text: string): number | undefined {
    const [, number, unit] = /^(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d|w)$/.exec(text.trim()) ?? [];
    return number === undefined ? undefined : Number(number) * units[unit!]!;
}

/**
 * A point in time: a duration before now, "now", "today" or "yesterday", or ISO 8601, which may be shortened. Times
 * without a zone are UTC, like all times of the log. Undefined for anything else.
 */
export function timeOf(text: string, now = new Date()): Date | undefined {
    const midnight = Math.floor(now.getTime() / day) * day;
    const named: Record<string, number> = { now: now.getTime(), today: midnight, yesterday: midnight - day };
    if (text in named) return new Date(named[text]!);
    const ago = durationOf(text);
    if (ago !== undefined) return new Date(now.getTime() - ago);
    const [, date, time = "00:00", zone = "Z"] =
        /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)(Z|[+-]\d{2}:\d{2})?)?$/.exec(text.trim()) ??
        [];
    const parsed = new Date(`${date}T${time}${zone}`);
    if (Number.isNaN(parsed.getTime())) return undefined;
    // 2026-02-30 does not exist, but JavaScript would accept it as 2 March.
    return zone === "Z" && !parsed.toISOString().startsWith(date!) ? undefined : parsed;
}
