import { styleText } from "node:util";
import type { Line } from "./line";

type Style = Parameters<typeof styleText>[0];
/** Colours a text, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

/** Colours if the output is a terminal with colours. NO_COLOR and FORCE_COLOR override this. */
export const painterOf =
    (stream: NodeJS.WritableStream): Paint =>
    (style, text) =>
        styleText(style, text, { stream });

const levelStyles: Record<string, Style> = {
    WARNING: "yellow",
    ERROR: "red",
    FATAL: ["bold", "red"],
    PANIC: ["bold", "red"],
};
const widths = { time: 12, level: 7, who: 20 };
/** Column where the message begins. */
const margin = " ".repeat(widths.time + widths.level + widths.who + 3);

/**
 * Prints lines for people: time, level, user, message. Further lines of a message, and its details, follow below. Each
 * new day starts with a line that shows the date.
 */
export class Printer {
    private day = "";

    constructor(private readonly paint: Paint) {}

    print(line: Line): string {
        const { paint } = this;
        const { time, level } = line;
        const day = time.slice(0, 10);
        const heading = day === this.day ? [] : [paint("dim", `── ${day} UTC ──`)];
        this.day = day;
        const head = [
            paint("dim", time.slice(11, 23).padEnd(widths.time)),
            paint(levelStyles[level] ?? "dim", level.padEnd(widths.level)),
            paint(line.user === "" ? "dim" : "cyan", fitted(whoOf(line), widths.who)),
        ].join(" ");
        const [first = "", ...more] = textLines(line.message);
        const style = levelStyles[level];
        const shown = (text: string) => (style === undefined ? text : paint(style, text));
        return [
            ...heading,
            `${head} ${line.sqlstate === "" || style === undefined ? "" : `${paint("bold", line.sqlstate)} `}${shown(first)}`,
            ...more.map((text) => margin + shown(text)),
            ...explanations(line).flatMap(([name, text]) => this.row(name, text)),
        ].join("\n");
    }

    private row(name: string, text: string): string[] {
        const indent = " ".repeat(name.length + 2);
        return textLines(text).map(
            (part, index) => margin + (index === 0 ? `${this.paint("dim", `${name}:`)} ` : indent) + part,
        );
    }
}

function whoOf({ user, database, process }: Line) {
    if (user === "" && database === "") return process;
    return user === database || database === "" ? user : `${user}@${database}`;
}

function explanations(line: Line): [name: string, text: string][] {
    const { message, query, level } = line;
    const rows: [string, string][] = [
        ["detail", line.detail],
        ["hint", line.hint],
        ["context", line.context],
        ["statement", message.includes(query) ? "" : query],
        [
            "session",
            level in levelStyles ? [line.session, line.client, line.application].filter(Boolean).join(", ") : "",
        ],
    ];
    return rows.filter(([, text]) => text !== "");
}

const fitted = (text: string, width: number) =>
    text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);

/**
 * The lines of a text, made safe for a terminal: text that clients send into the log could otherwise move the cursor, or
 * worse.
 */
function textLines(text: string): string[] {
    return visible(text).split("\n");
}

/** A text with tabs as spaces, and all other control characters as symbols or numbers. */
export function visible(text: string): string {
    return text
        .replace(/\s+$/, "")
        .replaceAll("\t", "    ")
        .replace(/\r\n/g, "\n")
        .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (character) => {
            const code = character.charCodeAt(0);
            if (code < 0x20) return String.fromCharCode(0x2400 + code);
            return `\\u${code.toString(16).padStart(4, "0")}`;
        });
}
