import { LuaFactory } from "wasmoon";
import { renderLua } from "../../components/logDocument";

/** A record as Fluent Bit hands it to the processor. */
export type LogRecord = Record<string, string | number>;

/** What the processor gives back: 2 keeps the time and takes the record. */
export interface Processed {
    code: number;
    timestamp: number;
    document: Record<string, unknown>;
}

/** The Pod that the lines are of, as the sidecar's environment says. */
const environment: Record<string, string> = {
    POD_NAME: "postgres-6d5f",
    POD_UID: "0b4d7c1e",
    POD_NAMESPACE: "pglog-test",
    NODE_NAME: "node-1",
};

/** Loads the generated functions into a Lua of their own, and calls one as Fluent Bit does. */
export async function loadLua() {
    const lua = await new LuaFactory().createEngine();
    await lua.doString(`local environment = ${literal(environment)}
os.getenv = function(name) return environment[name] end`);
    await lua.doString(renderLua());
    return (call: "jsonlog_document" | "plain_document", record: LogRecord, timestamp = 1769860800.25): Processed => {
        const { text } = lua.doStringSync(`
            local code, timestamp, document = ${call}("postgresql", ${timestamp}, ${literal(record)})
            local function json(value)
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
            return { text = json({ code = code, timestamp = timestamp, document = document }) }`) as { text: string };
        return JSON.parse(text) as Processed;
    };
}

/** A table of Lua with these members. */
function literal(record: LogRecord): string {
    const text = (value: string) =>
        `"${value.replace(/[\\"\n\r\0]/g, (c) => `\\${String(c.charCodeAt(0)).padStart(3, "0")}`)}"`;
    const members = Object.entries(record).map(
        ([name, value]) => `[${text(name)}] = ${typeof value === "string" ? text(value) : value}`,
    );
    return `{ ${members.join(", ")} }`;
}
