import assert from "node:assert/strict";
import { follow, type Follow } from "../../logs/follow";
import type { Hit } from "../../logs/line";
import { queryOf } from "../../logs/query";
import { FakeElasticsearch } from "../support/fakeElasticsearch";

/** A follower of a fake Elasticsearch, with its output. */
class Follower {
    readonly shown: string[] = [];
    readonly said: (string | undefined)[] = [];
    private readonly stopping = new AbortController();
    private readonly ended: Promise<void>;

    constructor(fake: FakeElasticsearch, options: Partial<Follow> = {}) {
        this.ended = follow({
            ...{ elasticsearch: fake.client(), query: queryOf({}), first: 2, interval: 20 },
            show: (hits: Hit[]) => void this.shown.push(...hits.map(({ _id }) => _id)),
            away: (error) => void this.said.push(error?.message),
            stop: this.stopping.signal,
            ...options,
        });
    }

    async stop() {
        this.stopping.abort();
        await this.ended;
    }
}

async function until(satisfied: () => boolean) {
    for (const end = Date.now() + 15_000; !satisfied();) {
        if (Date.now() > end) throw new Error(`not so within 15 s: ${satisfied.toString()}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
    }
}

/** A minute of a day, as in the lines. */
const at = (minute: number) => `2026-01-31T12:${String(minute).padStart(2, "0")}:00.000Z`;

describe("following the log", () => {
    let fake: FakeElasticsearch;
    let followers: Follower[] = [];
    const begin = (options?: Partial<Follow>) => {
        const follower = new Follower(fake, options);
        followers.push(follower);
        return follower;
    };
    beforeEach(async () => {
        fake = new FakeElasticsearch();
        await fake.start();
        for (const [minute, id] of ["a", "b", "c"].entries()) fake.add(id, at(minute));
    });
    afterEach(async () => {
        for (const follower of followers) await follower.stop();
        followers = [];
        fake.stop();
    });
    /** Waits for further polls: a line that they did not show will never be shown. */
    const looks = async (count: number) => {
        const before = fake.searches.length;
        await until(() => fake.searches.length >= before + count);
    };

    it("shows the newest lines, and then each new one, once", async () => {
        const follower = begin();
        await until(() => follower.shown.length === 2);
        fake.add("d", at(3));
        await until(() => follower.shown.length === 3);
        fake.add("e", at(4));
        await until(() => follower.shown.length === 4);
        await looks(3);
        assert.deepEqual(follower.shown, ["b", "c", "d", "e"]);
    });

    it("shows all lines first if no number is given, over more than one page", async () => {
        for (let line = 0; line < 2500; line += 1) fake.add(`x${line}`, at(10));
        const follower = begin({ first: undefined });
        await until(() => follower.shown.length >= 2503);
        await looks(4);
        assert.equal(follower.shown.length, 2503);
        assert.equal(new Set(follower.shown).size, 2503);
    });

    it("shows a line that arrives late, after newer ones", async () => {
        const follower = begin();
        await until(() => follower.shown.length === 2);
        fake.add("late", at(0));
        await until(() => follower.shown.includes("late"));
    });

    it("shows a line with a lower number that becomes visible after a higher one", async () => {
        const follower = begin();
        await until(() => follower.shown.length === 2);
        fake.add("first", at(3));
        const hidden = fake.documents.pop()!;
        fake.documents.push({ ...hidden, _id: "second", _seq_no: hidden._seq_no + 1 });
        await until(() => follower.shown.includes("second"));
        fake.documents.push(hidden);
        await until(() => follower.shown.includes("first"));
    });

    it("continues with the next day's index", async () => {
        const follower = begin();
        await until(() => follower.shown.length === 2);
        fake.add("tomorrow", at(59), {}, "logs-2");
        await until(() => follower.shown.includes("tomorrow"));
        await looks(3);
        assert.deepEqual(follower.shown, ["b", "c", "tomorrow"]);
    });

    it("shows only lines that match the filters", async () => {
        const follower = begin({ query: queryOf({ level: "ERROR" }) });
        await looks(1);
        fake.add("harmless", at(3), { "log.level": "LOG" });
        fake.add("error", at(4), { "log.level": "ERROR" });
        await until(() => follower.shown.length > 0);
        await looks(2);
        assert.deepEqual(follower.shown, ["error"]);
    });

    for (const broken of [503, "silent"] as const)
        it(`survives an outage of Elasticsearch (${broken}), reports it once, and continues`, async () => {
            const follower = begin();
            await until(() => follower.shown.length === 2);
            fake.broken = broken;
            fake.add("d", at(3));
            await looks(3);
            assert.equal(follower.said.length, 1);
            assert.match(follower.said[0]!, broken === 503 ? /answered 503: not now$/ : /does not answer: /);
            fake.broken = undefined;
            await until(() => follower.said.length === 2);
            assert.equal(follower.said[1], undefined);
            assert.deepEqual(follower.shown, ["b", "c", "d"]);
        });

    it("fails at once if Elasticsearch does not answer at the start", async () => {
        fake.broken = 401;
        await assert.rejects(
            follow({ ...({} as Follow), elasticsearch: fake.client() }),
            /does not accept the stack's credentials$/,
        );
    });
});
