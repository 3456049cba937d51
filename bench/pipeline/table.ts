import { markdownTable } from "markdown-table";
import type { Result } from "./result";

const grouped = (value: number) => Math.round(value).toLocaleString("en-US");
const short = (value: number) => value.toFixed(1);

const head = [
    "shipper",
    "version",
    "CPU a line, µs",
    "min–max",
    "of 0.1.0",
    "lines/s a core",
    "bytes a line sent",
    "peak RSS, MB",
    "documents",
    "outlives a restart",
];

/** The result as a Markdown table, with its conditions above and the skipped shippers below. */
export function renderTable({ machine, seed, lines, bytesPerLine, rounds, shippers }: Result): string {
    const rows = shippers.flatMap(({ title, version = "", durable, summary }) => {
        if (summary === undefined) return [];
        const { cpu, ratio, linesPerCore, wireBytesPerLine, peakMemory, documents } = summary;
        return [
            [
                title,
                version,
                short(cpu.median),
                `${short(cpu.min)}–${short(cpu.max)}`,
                ratio === undefined ? "–" : ratio.median.toFixed(2),
                grouped(linesPerCore),
                grouped(wireBytesPerLine),
                short(peakMemory / 1e6),
                grouped(documents),
                durable,
            ],
        ];
    });
    const left = shippers.filter(({ skipped }) => skipped !== undefined);
    return [
        `${grouped(lines)} lines of ${Math.round(bytesPerLine)} bytes, seed ${seed}, ${rounds} rounds; ${machine.cores} cores (${machine.processor}), Linux ${machine.kernel}`,
        markdownTable([head, ...rows], { align: ["l", "l", "r", "r", "r", "r", "r", "r", "r", "l"] }),
        ...(left.length > 0
            ? [left.map(({ title, skipped }) => `- ${title} was left out: ${skipped ?? ""}`).join("\n")]
            : []),
    ].join("\n\n");
}
