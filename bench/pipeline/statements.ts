import type { Random } from "./random";

/** A statement and the command that `ps` shows for it. */
export interface Statement {
    command: string;
    text: string;
}

const tables =
    "orders customers inventory sessions payments invoices shipments products carts reviews addresses coupons audit_log ledger_entries price_history".split(
        " ",
    );
const columns =
    "id customer_id order_id sku state total_cents currency created_at updated_at warehouse_id reserved quantity email name country kind payload token expires_at revoked provider attempt amount_cents tax_cents shipped_at carrier tracking_code rating body score locale phone city postal_code".split(
        " ",
    );
const words =
    "open closed pending refunded express standard card transfer berlin lisbon osaka amber cobalt juniper".split(" ");

const some = (random: Random, least: number, most: number) =>
    Array.from({ length: random.between(least, most) }, () => random.pick(columns));

/** A value as it stands in a statement. */
function literal(random: Random): string {
    const makers = [
        () => String(random.between(1, 9_999_999)),
        () => `'${random.pick(words)}'`,
        () => `'2026-01-${random.between(10, 31)} ${random.between(10, 23)}:${random.between(10, 59)}:00'`,
        () => `'${random.between(0, 2 ** 32 - 1).toString(16)}-${random.between(0, 2 ** 32 - 1).toString(16)}'`,
    ];
    return random.pick(makers)();
}

const conditions = (random: Random, least: number, most: number, alias = "") =>
    some(random, least, most)
        .map((column) => `${alias}${column} ${random.pick(["=", ">=", "<>"])} ${literal(random)}`)
        .join(" AND ");

const kinds: readonly ((random: Random) => Statement)[] = [
    (random) => ({
        command: "SELECT",
        text: `SELECT ${some(random, 2, 6).join(", ")} FROM ${random.pick(tables)} WHERE ${conditions(random, 1, 2)} ORDER BY ${random.pick(columns)} DESC LIMIT ${random.between(10, 500)}`,
    }),
    (random) => ({
        command: "SELECT",
        text: `SELECT a.${random.pick(columns)}, count(*) AS n\n  FROM ${random.pick(tables)} a\n  JOIN ${random.pick(tables)} b ON b.id = a.${random.pick(columns)}\n WHERE ${conditions(random, 1, 2, "a.")}\n GROUP BY 1`,
    }),
    (random) => ({
        command: "UPDATE",
        text: `UPDATE ${random.pick(tables)} SET ${random.pick(columns)} = ${literal(random)}, updated_at = now() WHERE ${conditions(random, 1, 2)}`,
    }),
    (random) => {
        const names = some(random, 2, 4);
        return {
            command: "INSERT",
            text: `INSERT INTO ${random.pick(tables)} (${names.join(", ")}) VALUES (${names.map(() => literal(random)).join(", ")}) RETURNING "id"`,
        };
    },
];

/** A statement as an application would send it. */
export const statement = (random: Random): Statement => random.pick(kinds)(random);
