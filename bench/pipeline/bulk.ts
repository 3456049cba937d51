/** Counts the documents of one `_bulk` request, of which parts arrive one by one. */
export class BulkCounter {
    /** `create` or `index`: what the first action of the request says. Shippers use one for all. */
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
     * How many documents there were: each has a line for the action and one for itself.
     *
     * @throws where the request is cut off
     */
    end(): number {
        if (this.lines % 2 !== 0 || (this.lines > 0 && this.last !== 10))
            throw new Error(`a bulk request of ${this.lines} lines is not one of whole documents`);
        return this.lines / 2;
    }
}

/** An item as Elasticsearch answers it. All have the same id: no shipper here looks at it. */
const item = (operation: string) =>
    `{"${operation}":{"_index":"postgresql-logs-dev-2026.01.31","_id":"postgres-7c9f6d5b84-x2x4z:697df2c0.3e9:12345","_version":1,"result":"created","_shards":{"total":2,"successful":1,"failed":0},"_seq_no":1234567,"_primary_term":1,"status":201}}`;

/** What Elasticsearch answers to a bulk request of which it took every document. */
export function bulkAnswer(operation: "create" | "index", documents: number): string {
    return `{"errors":false,"took":7,"items":[${Array<string>(documents).fill(item(operation)).join(",")}]}`;
}
