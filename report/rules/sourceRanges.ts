import { excludeCidr, mergeCidr } from "cidr-tools";
import { isIP } from "node:net";
import { effect, type Effect } from "../effect";

/** The ranges of a family, IPv4 or IPv6, of which the given ranges together admit every address. */
function openFamilies(ranges: string[]): string[] {
    return mergeCidr(ranges.filter(isRange)).filter((range) => range === "0.0.0.0/0" || range === "::/0");
}

/** True if the ranges together admit every IPv4 or every IPv6 address. */
export function open(ranges: string[]): boolean {
    return openFamilies(ranges).length > 0;
}

const isRange = (text: string) => isIP(text.split("/")[0]!) !== 0;

/** The effects of changed source ranges. */
export function admitted(from: string[], to: string[]): Effect[] {
    if (![...from, ...to].every(isRange)) return [effect("unknown", "A source range is not a valid CIDR: check it.")];
    const opened = openFamilies(to).filter((family) => from.length > 0 && !openFamilies(from).includes(family));
    const opens = opened.length > 0 || (to.length === 0 && from.length > 0);
    const added = from.length === 0 || to.length === 0 ? [] : excludeCidr(to, from);
    const removed = to.length === 0 ? [] : excludeCidr(from.length === 0 ? ["0.0.0.0/0"] : from, to);
    const all = to.join(", ") || "it has no source ranges";
    const found = [
        ...(opens ? [effect("open", `The load balancer admits everyone: ${all}.`)] : []),
        ...(added.length > 0 && !opens
            ? [effect("exposure", `The load balancer also admits ${added.join(", ")}.`)]
            : []),
        ...(removed.length > 0
            ? [effect("address", `The load balancer no longer admits ${removed.join(", ")}; open connections end.`)]
            : []),
    ];
    return found.length > 0 ? found : [effect("none", "The same addresses are admitted.")];
}
