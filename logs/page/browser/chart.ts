import uPlot from "uplot";
import { stamp } from "../../summary/format";
import { element } from "./element";
import { table } from "./table";

export interface Series {
    name: string;
    /** A custom property of the style. */
    colour: string;
    values: (number | null)[];
}

const height = 200;
const style = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/**
 * A chart over time, and the same numbers as a table below it, for readers that do not see it. It follows the width of
 * the page and the colours of the device.
 *
 * @param times milliseconds since 1970
 */
export function chart(title: string, times: number[], series: Series[], text: (value: number) => string): HTMLElement {
    const largest = series.map(({ name, values }) => `${name}: at most ${text(Math.max(0, ...values.map(Number)))}`);
    const canvas = element("div", { role: "img", "aria-label": `${title} over time; ${largest.join(", ")}` });
    let shown: uPlot | undefined;
    const draw = () => {
        shown?.destroy();
        const data = [times.map((one) => one / 1000), ...series.map(({ values }) => values)] as uPlot.AlignedData;
        shown = new uPlot(optionsOf(canvas.clientWidth, series, text), data, canvas);
    };
    new ResizeObserver(() => {
        if (shown === undefined) draw();
        else shown.setSize({ width: canvas.clientWidth, height });
    }).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
    const rows = times.map((one, index) => [
        { text: stamp(new Date(one).toISOString()) },
        ...series.map(({ values }) => {
            const value = values[index] ?? null;
            return { text: value === null ? "-" : text(value), key: value ?? -1 };
        }),
    ]);
    const columns = [{ name: "from (UTC)" }, ...series.map(({ name }) => ({ name, numeric: true }))];
    const numbers = element("details", {}, element("summary", {}, "numbers"));
    // Most readers never open it, and four tables of 120 rows would slow the page down.
    const fill = () => {
        numbers.append(table(`${title}, numbers`, columns, rows, false));
    };
    numbers.addEventListener("toggle", fill, { once: true });
    return element("section", { class: "chart" }, element("h2", {}, title), canvas, numbers);
}

/** For each step in seconds: the text of a time, and a second line where a year or a day begins. */
const timeTexts = [
    [86_400, "{MM}-{DD}", "\n{YYYY}", null, null, null, null, null, 1],
    [60, "{HH}:{mm}", "\n{YYYY}-{MM}-{DD}", null, "\n{MM}-{DD}", null, null, null, 1],
    [0.001, "{HH}:{mm}:{ss}", "\n{YYYY}-{MM}-{DD}", null, "\n{MM}-{DD}", null, null, null, 1],
] as uPlot.Axis.Values;

function optionsOf(width: number, series: Series[], text: (value: number) => string): uPlot.Options {
    const axis = { stroke: style("--soft"), grid: { stroke: style("--line"), width: 1 }, ticks: { show: false } };
    return {
        ...{ width, height, tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC") },
        cursor: { y: false },
        scales: { y: { range: (_chart, _least, most) => [0, most > 0 ? most * 1.1 : 1] } },
        axes: [
            { ...axis, values: timeTexts },
            { ...axis, size: 70, values: (_chart, values) => values.map(text) },
        ],
        series: [
            { label: "UTC", value: "{YYYY}-{MM}-{DD} {HH}:{mm}:{ss}" },
            ...series.map(({ name, colour }) => ({
                ...{ label: name, stroke: style(colour), width: 2, points: { size: 5 } },
                value: (_chart: uPlot, value: number | null) => (value === null ? "-" : text(value)),
            })),
        ],
    };
}
