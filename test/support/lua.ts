import { readFileSync } from "node:fs";
import { LuaFactory } from "wasmoon";
import { renderLua } from "../../components/logs/document";

/** A value as Fluent Bit's parser may pass it; lines of PostgreSQL only have texts and numbers. */
export type LogValue = string | number | boolean | LogValue[] | { [name: string]: LogValue };
/** A record as Fluent Bit passes it to the filter. */
export type LogRecord = Record<string, LogValue>;

/** Return code of the filter: 2 keeps the time and replaces the record. */
export interface Processed {
    code: number;
    timestamp: number;
    document: Record<string, unknown>;
}

/** The Pod of the lines, as in the sidecar's environment. */
const environment = {
    POD_NAME: "postgres-6d5f",
    POD_UID: "0b4d7c1e",
    POD_NAMESPACE: "pglog-test",
    NODE_NAME: "node-1",
    POSITIONS: "/state/positions",
};

const json = `local function json(value)
  if type(value) == "table" and (#value > 0 or next(value) == nil) then
    local items = {}
    for i, item in ipairs(value) do items[i] = json(item) end
    return "[" .. table.concat(items, ",") .. "]"
  elseif type(value) == "table" then
    local members = {}
    for name, member in pairs(value) do members[#members + 1] = json(name) .. ":" .. json(member) end
    return "{" .. table.concat(members, ",") .. "}"
  elseif type(value) == "string" then
    return '"' .. value:gsub('[%c"\\\\]', function(c) return ("\\\\u%04x"):format(c:byte()) end) .. '"'
  end
  return tostring(value)
end
`;

export interface LuaOptions {
    /** The program's source. */
    text?: string;
    /** Files that exist when Fluent Bit starts. A directory exists if it has a file. */
    files?: Record<string, string>;
    /** Variables that differ from the Pod's; undefined removes one. */
    variables?: Partial<Record<keyof typeof environment, string>>;
    /** True to match patterns in Lua, so that `cost` includes them. */
    measured?: boolean;
}

/** The generated function in a separate Lua interpreter, called as Fluent Bit calls it. */
export class LuaFilter {
    private constructor(private readonly lua: Awaited<ReturnType<LuaFactory["createEngine"]>>) {}

    static async load({ text = renderLua(), files = {}, variables = {}, measured = false }: LuaOptions = {}) {
        const factory = new LuaFactory();
        for (const [path, content] of Object.entries({ "/state/positions/.keep": "", ...files }))
            await factory.mountFile(path, content);
        const lua = await factory.createEngine();
        // Without undefined members.
        const known = JSON.parse(JSON.stringify({ ...environment, ...variables })) as LogRecord;
        lua.doStringSync(`local environment = ${literal(known)}
os.getenv = function(name) return environment[name] end`);
        if (measured) lua.doStringSync(readFileSync("test/support/patterns.lua", "utf8"));
        lua.doStringSync(text);
        return new LuaFilter(lua);
    }

    run(tag: string, record: LogRecord, timestamp = 1769860800.25): Processed {
        const text = this.lua.doStringSync(`${json}
            local code, timestamp, document = document("postgresql.${tag}", ${timestamp}, ${literal(record)})
            return json({ code = code, timestamp = timestamp, document = document })`) as string;
        return JSON.parse(text) as Processed;
    }

    /** The problems with the resulting documents; empty if each has an id. */
    problems(records: [tag: string, record: LogRecord][]): string[] {
        const text = this.lua.doStringSync(`${json}
            local problems = {}
            for i, one in ipairs({ ${records.map(([tag, record]) => `{ ${literal(tag)}, ${literal(record)} }`).join(", ")} }) do
              local worked, code, timestamp, made = pcall(document, one[1], 1, one[2])
              local event = worked and type(made) == "table" and made.event
              if not worked then
                problems[#problems + 1] = i - 1 .. ": " .. tostring(code)
              elseif code ~= 2 or timestamp ~= 1 then
                problems[#problems + 1] = i - 1 .. ": is dropped, or has a different time"
              elseif type(event) ~= "table" or type(event.id) ~= "string" or event.id == "" then
                problems[#problems + 1] = i - 1 .. ": has no id"
              end
            end
            return json(problems)`) as string;
        return JSON.parse(text) as string[];
    }

    /** The number of Lua instructions that a record takes, in thousands; stops at `most`. */
    cost(tag: string, record: LogRecord, most: number): number {
        return this.lua.doStringSync(`
            local record, thousands = ${literal(record)}, 0
            local function count()
              thousands = thousands + 1
              if thousands > ${most} then error("takes too long") end
            end
            debug.sethook(count, "", 1000)
            pcall(document, "postgresql.${tag}", 1, record)
            debug.sethook()
            return thousands`) as number;
    }

    /** The result of Lua code, as text. */
    evaluate(code: string): string {
        return this.lua.doStringSync(code) as string;
    }

    readFile(path: string): string | undefined {
        const text = this.evaluate(`local file = io.open(${literal(path)})
            if not file then return "none" end
            local text = file:read("a")
            file:close()
            return "text" .. text`);
        return text === "none" ? undefined : text.slice("text".length);
    }
}

/** A value as a Lua literal. */
function literal(value: LogValue): string {
    if (typeof value === "string")
        return `"${value.replace(/[\\"\n\r\0]/g, (c) => `\\${String(c.charCodeAt(0)).padStart(3, "0")}`)}"`;
    if (typeof value === "number")
        return Number.isNaN(value)
            ? "(0/0)"
            : Math.abs(value) === Infinity
              ? `${value < 0 ? "-" : ""}math.huge`
              : `${value}`;
    if (typeof value === "boolean") return String(value);
    if (Array.isArray(value)) return `{ ${value.map(literal).join(", ")} }`;
    const members = Object.entries(value).map(([name, member]) => `[${literal(name)}] = ${literal(member)}`);
    return `{ ${members.join(", ")} }`;
}
