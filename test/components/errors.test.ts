import assert from "node:assert/strict";
import { refusal } from "../../components/errors";

describe("errors", () => {
    it("names the setting, its value, the rule, and the command that fixes it", () => {
        assert.equal(
            refusal("pglog:nodePort", `"1"`, "a port from 30000 to 32767", "pulumi config set nodePort 30432"),
            `pglog:nodePort is "1"; it must be a port from 30000 to 32767. Run: pulumi config set nodePort 30432`,
        );
    });
});
