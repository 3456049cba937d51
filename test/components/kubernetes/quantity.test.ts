import assert from "node:assert/strict";
import { bytesOf, cpusOf, Gi, mebibytes, Mi, secondsOf } from "../../../components/kubernetes/quantity";

describe("quantity", () => {
    const sizes: Record<string, number | undefined> = {
        "0": 0,
        "1048576": Mi,
        "1k": 1000,
        "1M": 1e6,
        "1G": 1e9,
        "1T": 1e12,
        "1Ki": 1024,
        "256Mi": 256 * Mi,
        "1.5Gi": 1536 * Mi,
        "2Ti": 2 * 1024 * 1024 * Mi,
        "0.3Ki": 307,
        "": undefined,
        " 1Gi": undefined,
        "1Gi ": undefined,
        "1 Gi": undefined,
        "1gi": undefined,
        "1K": undefined,
        "1GB": undefined,
        "1e3": undefined,
        "500m": undefined,
        "-1Gi": undefined,
        ".5Gi": undefined,
        "1.Gi": undefined,
        "1Gi\n2Gi": undefined,
        Gi: undefined,
    };
    for (const [text, bytes] of Object.entries(sizes))
        it(`takes ${JSON.stringify(text)} for ${bytes === undefined ? "no size" : `${bytes} bytes`}`, () => {
            assert.equal(bytesOf(text), bytes);
        });

    const cpus: Record<string, number | undefined> = {
        "2": 2,
        "0.5": 0.5,
        "500m": 0.5,
        "50m": 0.05,
        "": undefined,
        "1Mi": undefined,
        "-1": undefined,
        "1 m": undefined,
    };
    for (const [text, count] of Object.entries(cpus))
        it(`takes ${JSON.stringify(text)} for ${count ?? "no"} CPUs`, () => {
            assert.equal(cpusOf(text), count);
        });

    const durations: Record<string, number | undefined> = {
        "0m": 0,
        "10m": 600,
        "90m": 5400,
        "6h": 21_600,
        "30d": 2_592_000,
        "": undefined,
        "10": undefined,
        "10s": undefined,
        "1w": undefined,
        "1H": undefined,
        "1.5h": undefined,
        "-1h": undefined,
        "1h30m": undefined,
        " 1h": undefined,
        "1h ": undefined,
        "1 h": undefined,
        "1h\n": undefined,
        "1h\n2h": undefined,
        h: undefined,
    };
    for (const [text, seconds] of Object.entries(durations))
        it(`takes ${JSON.stringify(text)} for ${seconds === undefined ? "no duration" : `${seconds} seconds`}`, () => {
            assert.equal(secondsOf(text), seconds);
        });

    it("has 1024 mebibytes in a gibibyte", () => {
        assert.equal(Gi, 1024 * Mi);
        assert.equal(bytesOf("1Gi"), Gi);
    });

    it("rounds down to whole mebibytes", () => {
        assert.deepEqual([0, Mi - 1, Mi, 256 * Mi + 1].map(mebibytes), ["0Mi", "0Mi", "1Mi", "256Mi"]);
    });
});
