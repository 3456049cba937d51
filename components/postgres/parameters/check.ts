import { closest } from "fastest-levenshtein";
import type { PostgresVersion, ParameterValue } from "../config";
import { parameters, type Parameter } from "./table";

/**
 * Bytes of each unit of memory, and milliseconds of each unit of time, as PostgreSQL spells them.
 * Source: https://www.postgresql.org/docs/18/config-setting.html
 */
const memory: Record<string, number> = { B: 1, kB: 2 ** 10, "8kB": 2 ** 13, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 };
const time: Record<string, number> = { us: 1e-3, ms: 1, s: 1e3, min: 6e4, h: 36e5, d: 864e5 };

/** Units that a value may have if the parameter's own unit is `unit`. */
function unitsOf(unit: string | undefined): Record<string, number> {
    if (unit === undefined) return {};
    return unit in memory ? memory : time;
}

const written = (units: Record<string, number>) => Object.keys(units).filter((unit) => unit !== "8kB");

/**
 * Parses a number as PostgreSQL does: decimal, hexadecimal or octal, with an optional unit.
 *
 * @returns the number in the parameter's own unit; undefined if the text is invalid
 */
export function numberOf({ type, unit }: Parameter, text: string): number | undefined {
    const pattern = /^\s*([-+]?(?:0x[0-9a-f]+|(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?))\s*([a-z]*)\s*$/i;
    const [, digits, suffix] = pattern.exec(text) ?? [];
    if (digits === undefined || suffix === undefined) return undefined;
    const units = unitsOf(unit);
    if (suffix !== "" && (!(suffix in units) || suffix === "8kB")) return undefined;
    const octal = type === "integer" && /^[-+]?0\d+$/.test(digits);
    if (octal && /[89]/.test(digits)) return undefined;
    const [, sign = "", magnitude = ""] = /^([-+]?)(.*)$/.exec(digits)!;
    const value = Number(octal ? `0o${magnitude}` : magnitude) * (sign === "-" ? -1 : 1);
    const scaled = suffix === "" ? value : (value * units[suffix]!) / units[unit!]!;
    return type === "integer" ? toEven(scaled) : scaled;
}

/** Rounds like the C function `rint`: a half goes to the even neighbour. */
function toEven(value: number): number {
    const rounded = Math.round(value);
    return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/** True if PostgreSQL accepts the text as a boolean: an unambiguous prefix of one of the words, or 1 or 0. */
function isBoolean(text: string): boolean {
    const value = text.toLowerCase();
    if (value === "" || value === "o") return false;
    return ["true", "false", "yes", "no", "on", "off"].some((word) => word.startsWith(value)) || /^[01]$/.test(value);
}

/** Hidden spellings of `on` and `off`. An enum that has these two values accepts them too. */
const switches = ["true", "false", "yes", "no", "1", "0"];

function isOneOf(values: readonly string[], text: string): boolean {
    const value = text.toLowerCase();
    return values.some((one) => one.toLowerCase() === value) || (values.includes("on") && switches.includes(value));
}

/** The rule for a value of this parameter, in words. */
function rule({ type, unit, min, max, values = [] }: Parameter): string {
    if (type === "bool") return "on or off";
    if (type === "enum") return `one of ${values.join(", ")}`;
    const kind = type === "integer" ? "a whole number" : "a number";
    const units = unitsOf(unit);
    const inUnit = unit === undefined ? "" : ` in units of ${unit}, or with one of ${written(units).join(", ")}`;
    return `${kind} from ${min ?? "any"} to ${max ?? "any"}${inUnit}`;
}

function takes(parameter: Parameter, text: string): boolean {
    const { type, min = -Infinity, max = Infinity, values = [] } = parameter;
    if (type === "string") return true;
    if (type === "bool") return isBoolean(text);
    if (type === "enum") return isOneOf(values, text);
    const number = numberOf(parameter, text);
    return number !== undefined && number >= min && number <= max;
}

const textOf = (value: ParameterValue) => (typeof value === "boolean" ? (value ? "on" : "off") : String(value));

/** Whether a parameter is an amount of memory. */
export function isMemory(name: string, version: PostgresVersion): boolean {
    return (parameters(version).get(name)?.unit ?? "") in memory;
}

/** The number that a value sets, in bytes for memory; undefined for the default (-1) and for a value that is refused. */
export function amountOf(name: string, value: ParameterValue, version: PostgresVersion): number | undefined {
    const parameter = parameters(version).get(name);
    if (parameter === undefined || refusedParameter(name, value, version) !== undefined) return undefined;
    const number = numberOf(parameter, textOf(value));
    if (number === undefined || number < 0) return undefined;
    return isMemory(name, version) ? number * memory[parameter.unit!]! : number;
}

/**
 * The rule that a parameter or its value breaks, as in "it must be …"; undefined if PostgreSQL accepts both.
 *
 * The server has more rules than `pg_settings` shows: some texts have their own grammar (`DateStyle`), and some numbers
 * have further rules (`transaction_buffers`, in steps of 16). The server checks those itself before it starts.
 * A name with a dot belongs to an extension, and PostgreSQL accepts any value for it.
 */
export function refusedParameter(name: string, value: ParameterValue, version: PostgresVersion): string | undefined {
    if (name.includes(".")) return undefined;
    const known = parameters(version);
    const parameter = known.get(name.toLowerCase());
    if (parameter === undefined)
        return `unset: PostgreSQL ${version} has no such parameter; the nearest is ${closest(name, [...known.keys()])}`;
    return takes(parameter, textOf(value)) ? undefined : rule(parameter);
}
