/** Counts the documents of one `_bulk` request that arrives in parts. */
export class BulkCounter {
    /** The first action of the request, `create` or `index`. A shipper uses one action for all documents. */
    operation: "create" | "index" = "index";
    private lines = 0;
    private begun = false;
    private last = 0;

    write(part: Buffer) {
        if (part.length === 0) return;
        if (!this.begun) {
            this.begun = true;
            if (/^\{\s*"create"/.test(part.toString("latin1", 0, 32))) this.operation = "create";
        }
        for (let at = part.indexOf(10); at !== -1; at = part.indexOf(10, at + 1)) this.lines += 1;
        this.last = part[part.length - 1]!;
    }

    /**
     * The number of documents. Each has two lines: the action and the document.
     *
     * @throws if the request is cut off
     */
    end(): number {
        if (this.lines % 2 !== 0 || (this.lines > 0 && this.last !== 10))
            throw new Error(`a bulk request of ${this.lines} lines is incomplete`);
        return this.lines / 2;
    }
}

/** One item of Elasticsearch's answer. All have the same id, because no shipper here reads it. */
const item = (operation: string) =>
    `{"${operation}":{"_index":"postgresql-logs-dev-2026.01.31","_id":"postgres-7c9f6d5b84-x2x4z:697df2c0.3e9:12345","_version":1,"result":"created","_shards":{"total":2,"successful":1,"failed":0},"_seq_no":1234567,"_primary_term":1,"status":201}}`;

/** Elasticsearch's answer to a bulk request whose documents were all accepted. */
export function bulkAnswer(operation: "create" | "index", documents: number): string {
    return `{"errors":false,"took":7,"items":[${Array<string>(documents).fill(item(operation)).join(",")}]}`;
}
