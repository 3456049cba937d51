import assert from "node:assert/strict";
import fc from "fast-check";
import { admitted } from "../../../report/rules/sourceRanges";

const seed = Number(process.env.PGLOG_TEST_SEED ?? Date.now() % 1e9);

const ipv4 = fc.tuple(fc.nat(3), fc.constantFrom(0, 1, 2, 8)).map(([first, length]) => `${first * 64}.0.0.0/${length}`);
const ipv6 = fc
    .tuple(fc.constantFrom("::", "2001:db8::"), fc.constantFrom(0, 32))
    .map(([at, length]) => `${at}/${length}`);
const ranges = fc.array(fc.oneof({ weight: 4, arbitrary: ipv4 }, ipv6), { minLength: 1, maxLength: 3 });

describe("changed source ranges", () => {
    it(`widen in one direction exactly if they narrow in the other (PGLOG_TEST_SEED=${seed})`, () => {
        fc.assert(
            fc.property(ranges, ranges, (from, to) => {
                const levels = (a: string[], b: string[]) => admitted(a, b).map(({ level }) => level);
                const widens = levels(from, to).some((level) => level === "open" || level === "exposure");
                assert.equal(widens, levels(to, from).includes("address"));
            }),
            { seed, numRuns: 300 },
        );
    });

    it("open each family of addresses for itself", () => {
        assert.equal(admitted(["0.0.0.0/0"], ["0.0.0.0/0", "::/0"])[0]!.level, "open");
        assert.equal(admitted(["::/0"], ["0.0.0.0/1", "128.0.0.0/1", "::/0"])[0]!.level, "open");
        assert.equal(admitted(["0.0.0.0/1", "128.0.0.0/1"], ["0.0.0.0/0"])[0]!.level, "none");
    });
});
