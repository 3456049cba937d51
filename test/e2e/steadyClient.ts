import { Client } from "pg";
import type { Namespace } from "./namespace";
import type { TestStack } from "./stack";

/** A client that holds one session, and opens a new one for a query every 50 ms. */
export class SteadyClient {
    /** Number of queries in new sessions that succeeded. */
    queries = 0;
    /** Messages of failed connections and queries, and of the held session's end. */
    readonly errors: string[] = [];
    private stopped = false;
    private readonly loop: Promise<void>;

    private constructor(
        private readonly uri: string,
        private readonly held: Client,
    ) {
        held.on("error", (error) => this.errors.push(`held session: ${error.message}`));
        this.loop = this.ask();
    }

    static async start(uri: string): Promise<SteadyClient> {
        const held = new Client({ connectionString: uri });
        await held.connect();
        return new SteadyClient(uri, held);
    }

    /** The URI of a stack's database at its NodePort. */
    static async address(stack: TestStack, cluster: Namespace): Promise<string> {
        const { connectionUri, services } = await stack.outputs();
        const nodes = await cluster.get<{ items: { status: { addresses: { type: string; address: string }[] } }[] }>(
            "nodes",
        );
        const uri = new URL(connectionUri);
        uri.hostname = nodes.items[0]!.status.addresses.find(({ type }) => type === "InternalIP")!.address;
        uri.port = String(services.NodePort!.port);
        return uri.href;
    }

    private async ask() {
        while (!this.stopped) {
            const client = new Client({ connectionString: this.uri, connectionTimeoutMillis: 5000 });
            client.on("error", () => undefined); // the query's rejection says it
            try {
                await client.connect();
                await client.query("SELECT 1");
                this.queries += 1;
            } catch (error) {
                this.errors.push((error as Error).message);
            }
            await client.end().catch(() => undefined);
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
    }

    /** The value that a parameter has in the held session. */
    async shows(name: string): Promise<string> {
        const { rows } = await this.held.query<{ value: string }>("SELECT current_setting($1) AS value", [name]);
        return rows[0]!.value;
    }

    async stop() {
        this.stopped = true;
        await this.loop;
        await this.held.end();
    }
}
