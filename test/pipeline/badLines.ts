import { random } from "../../bench/pipeline/random";
import { jsonlogLine } from "./lines";

/** A generator of whole numbers below a limit. The same seed gives the same numbers. */
export function seeded(seed: number) {
    const numbers = random(seed);
    return (bound: number) => numbers.between(0, bound - 1);
}

type Random = ReturnType<typeof seeded>;

const values = [
    ...'null true false 0 -1 1e999 1e-999 18446744073709551616 "" {} [] [[[[]]]] {"a":{"b":[1]}}'.split(" "),
    '"\\u0000"',
    '"\\ud800"',
    `"${"A".repeat(300)}"`,
];

const bytes = (random: Random, length: number) =>
    Buffer.from(Array.from({ length }, () => random(256)).map((byte) => (byte === 10 ? 0 : byte)));

/** Ways to damage a line. None of them splits it into two lines. */
const damages: ((line: Buffer, random: Random) => Buffer)[] = [
    (line, random) => line.subarray(0, random(line.length)),
    (line, random) => line.subarray(random(line.length)),
    (line, random) => {
        const copy = Buffer.from(line);
        for (let i = 0; i <= random(8); i += 1) copy[random(copy.length)] = bytes(random, 1)[0]!;
        return copy;
    },
    (line, random) => {
        const at = random(line.length);
        return Buffer.concat([line.subarray(0, at), bytes(random, random(40)), line.subarray(at)]);
    },
    (line, random) => {
        const [from, to] = [random(line.length), random(line.length)].sort((a, b) => a - b) as [number, number];
        return Buffer.concat([line.subarray(0, from), line.subarray(to)]);
    },
    (line, random) => {
        const members = [...line.toString().matchAll(/"(\w+)":("[^"]*"|[-\d]+)/g)];
        const { 0: member, 1: name } = members[random(members.length)]!;
        return Buffer.from(line.toString().replace(member, `"${name}":${values[random(values.length)]!}`));
    },
    (_, random) => bytes(random, 1 + random(400)),
    (_, random) => Buffer.from("[".repeat(1 + random(2000))),
    (_, random) => Buffer.from('{"a":'.repeat(1 + random(400))),
    (_, random) => Buffer.from("A".repeat(1 + random(3000))),
];

/** A line that PostgreSQL did not write: random bytes, or a damaged line. */
export function badLine(number: number, random: Random): Buffer {
    const line = Buffer.from(jsonlogLine(number).trim().replace("697df2a5.47", "5eed5eed.1"));
    const bad = damages[random(damages.length)]!(line, random);
    return bad.length === 0 ? Buffer.from("x") : bad;
}
