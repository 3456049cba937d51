import type { Result } from "./result";

const layout = { width: 820, left: 330, right: 150, top: 52, row: 38, bar: 20 };

/** Colours for light and dark pages; the picture is transparent. */
const style = `
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-size: 15px; font-weight: 600 }
.small { font-size: 12px; fill: #59636e }
.bar { fill: #8c959f }
.own { fill: #0969da }
.whisker { stroke: #1f2328; stroke-width: 1.5 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .small { fill: #9198a1 }
  .bar { fill: #656c76 }
  .own { fill: #4493f8 }
  .whisker { stroke: #e6edf3 }
}`;

export const escaped = (text: string) =>
    text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** CPU per line as bars with minimum and maximum, cheapest first. */
export function renderChart({ lines, bytesPerLine, rounds, shippers }: Result): string {
    const measured = shippers
        .flatMap(({ id, title, summary }) => (summary === undefined ? [] : [{ id, title, ...summary }]))
        .toSorted((one, other) => one.cpu.median - other.cpu.median);
    const { width, left, right, top, row, bar } = layout;
    const height = top + measured.length * row + 8;
    const most = Math.max(1, ...measured.map(({ cpu }) => cpu.max));
    const x = (micros: number) => Number((left + (micros / most) * (width - left - right)).toFixed(1));
    const bars = measured.map(({ id, title, cpu, ratio }, place) => {
        const y = top + place * row;
        const middle = y + bar / 2;
        const times = ratio === undefined ? "" : `, ${ratio.median.toFixed(2)}×`;
        return [
            `<text x="${left - 10}" y="${middle + 4.5}" text-anchor="end">${escaped(title.replaceAll("`", ""))}</text>`,
            `<rect class="${id.startsWith("pglog") ? "own" : "bar"}" x="${left}" y="${y}" width="${(x(cpu.median) - left).toFixed(1)}" height="${bar}" rx="2"/>`,
            `<path class="whisker" fill="none" d="M${x(cpu.min)} ${middle}H${x(cpu.max)}M${x(cpu.min)} ${middle - 5}v10M${x(cpu.max)} ${middle - 5}v10"/>`,
            `<text x="${x(cpu.max) + 8}" y="${middle + 4.5}">${cpu.median.toFixed(1)} µs${times}</text>`,
        ].join("\n");
    });
    const about = `${lines.toLocaleString("en-US")} lines of ${Math.round(bytesPerLine)} bytes; median, least and most of ${rounds} rounds`;
    return [
        `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="CPU a log line of each shipper">`,
        `<style>${style}\n</style>`,
        `<text class="title" x="${left}" y="20">CPU a log line, from file to Elasticsearch</text>`,
        `<text class="small" x="${left}" y="38">${about}</text>`,
        ...bars,
        "</svg>",
        "",
    ].join("\n");
}
