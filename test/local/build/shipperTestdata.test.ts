import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { shipperFiles } from "../../../components/shipper/shipper";
import { Gi } from "../../../components/kubernetes/quantity";
import { plainEndpoint } from "../../support/endpoint";
import { updateGolden } from "../../support/updateGolden";

/** Copies of the stack's configuration for the tests of the stand-in, since Go cannot read TypeScript. */
const testdata = "local/go/shipper/testdata";

describe("the configuration that the stand-in for Fluent Bit is tested with", () => {
    const files = shipperFiles(
        {
            image: "fluent-bit",
            logLevel: "info",
            endpoint: { ...plainEndpoint, auth: "basic", index: "postgresql-logs-dev" },
        },
        4 * Gi,
    );
    for (const [name, rendered] of Object.entries(files))
        it(`is as the program renders it: ${name}`, () => {
            const path = join(testdata, name);
            if (updateGolden()) writeFileSync(path, rendered);
            assert.equal(readFileSync(path, "utf8"), rendered, "UPDATE_GOLDEN=1 npx mocha writes it");
        });
});
