import spawn from "nano-spawn";
import { Client } from "pg";

/** A deployed stack with its own Elasticsearch, reached from its node. */
export interface Stack {
    namespace: string;
    /** Its Elasticsearch with the request's credentials. */
    elasticsearch: { url: string; authorization: string; search: string };
    kubectl: (...args: string[]) => Promise<string>;
    connect: () => Promise<Client>;
}

interface Outputs {
    namespace: string;
    connectionUri: string;
    logs: { search: string } | null;
}

/** The stack of this name, according to the shell's `pulumi` and `kubectl`. */
export async function findStack(name: string): Promise<Stack> {
    const printed = await spawn("pulumi", ["stack", "output", "--stack", name, "--json", "--show-secrets"]);
    const { namespace, connectionUri, logs } = JSON.parse(printed.stdout) as Outputs;
    if (logs === null) throw new Error(`stack ${name} ships no logs. Run: pulumi config set shipper fluent-bit`);
    const kubectl = async (...args: string[]) => (await spawn("kubectl", ["--namespace", namespace, ...args])).stdout;
    const address = (service: string) => kubectl("get", "service", service, "--output", "jsonpath={.spec.clusterIP}");
    const secrets = (await kubectl("get", "secret", "--output", "name")).split("\n");
    const secret = secrets.find((one) => one.startsWith("secret/elasticsearch-credentials"));
    if (secret === undefined) throw new Error(`stack ${name} does not run its own Elasticsearch`);
    const { data } = JSON.parse(await kubectl("get", secret, "--output", "json")) as { data: Record<string, string> };
    const text = (key: string) => Buffer.from(data[key] ?? "", "base64").toString();
    const login = Buffer.from(`${text("username")}:${text("password")}`).toString("base64");
    const uri = new URL(connectionUri);
    uri.hostname = await address("postgres");
    return {
        namespace,
        elasticsearch: {
            url: `http://${await address("elasticsearch")}:9200`,
            authorization: `Basic ${login}`,
            search: logs.search,
        },
        kubectl,
        async connect() {
            const client = new Client({ connectionString: uri.href });
            await client.connect();
            return client;
        },
    };
}

/** Sends a request to the stack's Elasticsearch and returns the answer. */
export async function request<T>({ elasticsearch }: Stack, path: string, body?: object | string): Promise<T> {
    const answer = await fetch(`${elasticsearch.url}${path}`, {
        method: body === undefined ? "GET" : "POST",
        headers: { authorization: elasticsearch.authorization, "content-type": "application/json" },
        body: typeof body === "object" ? JSON.stringify(body) : body,
        signal: AbortSignal.timeout(30_000),
    });
    if (!answer.ok) throw new Error(`Elasticsearch answered ${answer.status} to ${path}`);
    return (await answer.json()) as T;
}

/** The number of lines with a phrase that a search finds, not counting the statement that logged them. */
export async function found(stack: Stack, phrase: string): Promise<number> {
    const query = {
        bool: { must: { match_phrase: { message: phrase } }, must_not: { match_phrase: { message: "RAISE" } } },
    };
    const path = `/${stack.elasticsearch.search}/_count?ignore_unavailable=true`;
    return (await request<{ count: number }>(stack, path, { query })).count;
}

export const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Logs lines with one statement. They are committed when it returns. */
export function logLines(client: Client, phrase: string, count: number) {
    return client.query(
        `DO $$ BEGIN FOR i IN 1..${count} LOOP RAISE LOG '${phrase} % ${"x".repeat(120)}', i; END LOOP; END $$`,
    );
}
