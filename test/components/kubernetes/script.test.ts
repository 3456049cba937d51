import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { checksum, scripts } from "../../../components/kubernetes/script";

describe("script", () => {
    it("contains the scripts unchanged", () => {
        assert.deepEqual(scripts("setup.sh", "reconcile.sql"), {
            "setup.sh": readFileSync("components/scripts/setup.sh", "utf8"),
            "reconcile.sql": readFileSync("components/scripts/reconcile.sql", "utf8"),
        });
    });

    it("has a short checksum that changes with the data", () => {
        assert.equal(checksum({ a: "1" }), checksum({ a: "1" }));
        assert.notEqual(checksum({ a: "1" }), checksum({ a: "2" }));
        assert.match(checksum({ a: "1" }), /^[0-9a-f]{16}$/);
    });
});
