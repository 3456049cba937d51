import { grouped, time } from "../../summary/format";
import type { PageData } from "../data";
import { chart } from "./chart";

/** The charts of a page. */
export function charts({ moments }: PageData): HTMLElement[] {
    const times = moments.map((one) => one.time);
    const one = (title: string, field: "lines" | "errors" | "sessions", colour: string) =>
        chart(title, times, [{ name: field, colour, values: moments.map((moment) => moment[field]) }], grouped);
    const durations = (["p50", "p95", "p99"] as const).map((name, index) => ({
        ...{ name, colour: ["--good", "--warn", "--bad"][index]! },
        values: moments.map((moment) => moment[name]),
    }));
    return [
        one("Lines", "lines", "--blue"),
        one("Errors", "errors", "--bad"),
        chart("Durations of statements", times, durations, time),
        one("Sessions", "sessions", "--good"),
    ];
}
