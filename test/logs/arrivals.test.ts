import assert from "node:assert/strict";
import { Arrivals, type Mark } from "../../logs/arrivals";
import { pages, sequenceNumbers } from "../../logs/search";
import { FakeElasticsearch } from "../support/fakeElasticsearch";

const time = "2026-01-31T12:00:00.000Z";

/** Polls a fake Elasticsearch by a simulated clock, in milliseconds. */
describe("the new lines for a follower", () => {
    let fake: FakeElasticsearch;
    beforeEach(async () => {
        fake = new FakeElasticsearch();
        await fake.start();
        fake.add("before", time);
    });
    afterEach(() => {
        fake.stop();
    });
    const begin = async () => new Arrivals(await sequenceNumbers(fake.client()), undefined, 0);
    const look = async (arrivals: Arrivals, now: number) => {
        const fresh: string[] = [];
        for await (const hits of pages(fake.client(), arrivals.query()))
            fresh.push(...arrivals.take(hits).map(({ _id }) => _id));
        arrivals.looked(now);
        return fresh;
    };

    it("are those that arrived since the start, once each, however often it polls", async () => {
        const arrivals = await begin();
        const seen: string[] = [];
        for (let now = 0; now < 20_000; now += 500) {
            if (now % 2000 === 0) fake.add(`at ${now}`, time);
            seen.push(...(await look(arrivals, now)));
        }
        assert.deepEqual(
            seen,
            [0, 2000, 4000, 6000, 8000, 10_000, 12_000, 14_000, 16_000, 18_000].map((now) => `at ${now}`),
        );
    });

    it("are requested with a small overlap, not from the start again", async () => {
        const arrivals = await begin();
        for (let now = 0; now < 20_000; now += 500) {
            fake.add(`at ${now}`, time);
            await look(arrivals, now);
        }
        const again: string[] = [];
        for await (const hits of pages(fake.client(), arrivals.query())) again.push(...hits.map(({ _id }) => _id));
        assert.ok(again.length >= 6 && again.length <= 14, `${again.length} lines of 40`);
    });

    it("include lines whose numbers a killed Elasticsearch assigns a second time", async () => {
        const arrivals = await begin();
        for (const id of ["a", "b", "c"]) fake.add(id, time);
        assert.deepEqual(await look(arrivals, 500), ["a", "b", "c"]);
        fake.documents.splice(2); // b and c were not yet on the disk
        arrivals.returned(await sequenceNumbers(fake.client()), 30_000);
        for (let now = 30_000; now < 50_000; now += 500) assert.deepEqual(await look(arrivals, now), []);
        fake.add("d", time);
        assert.deepEqual(await look(arrivals, 50_000), ["d"]);
    });

    it("continue from a mark: no line is missing, none comes twice", async () => {
        const first = await begin();
        fake.add("a", time);
        await look(first, 0);
        fake.add("b", time);
        assert.deepEqual(await look(first, 500), ["b"]);
        const mark = JSON.parse(JSON.stringify(first.mark())) as Mark;
        fake.add("c", time);
        const second = Arrivals.from(mark, 0);
        const seen: string[] = [];
        for (let now = 0; now < 20_000; now += 500) seen.push(...(await look(second, now)));
        assert.deepEqual(seen, ["c"]);
    });
});
