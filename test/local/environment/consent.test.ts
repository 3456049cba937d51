import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Level } from "../../../report/effect";
import { reportOf } from "../../../report/report";
import { planFromPreview } from "../../../report/source/preview";
import { checkConsent, NotMade } from "../../../local/environment/consent";

const several = readFileSync("test/report/previews/several.json", "utf8");

describe("a change that npm start would make", () => {
    const refusal = (accepted: Level[], report = reportOf(planFromPreview("dev", several))) => {
        try {
            checkConsent(report, accepted, "--name two");
        } catch (error) {
            assert.ok(error instanceof NotMade);
            return error.message;
        }
        return undefined;
    };
    /** An update of PostgreSQL's Deployment. */
    const updated = (before: object, after: object) => {
        const type = "kubernetes:apps/v1:Deployment";
        const urn = `urn:pulumi:dev::pglog::${type}::postgres-deployment`;
        const state = (spec: object) => ({ type, custom: true, inputs: { spec } });
        const step = { op: "update", urn, oldState: state(before), newState: state(after) };
        return reportOf(planFromPreview("dev", JSON.stringify({ steps: [step] })));
    };

    it("is reported and not made if it loses something, with the command that makes it", () => {
        const said = refusal([])!;
        assert.match(said, /would lose data[^]*storageAccessMode/);
        assert.match(
            said,
            /^Nothing was changed: data-loss, log-loss must be accepted first\. If this is meant: npm start -- --name two --accept data-loss,log-loss$/m,
        );
    });

    it("is made if each such level was accepted, and not if only some were", () => {
        assert.match(refusal(["log-loss"])!, /^Nothing was changed: data-loss must .* --accept log-loss,data-loss$/m);
        assert.equal(refusal(["data-loss", "log-loss"]), undefined);
    });

    it("is not made either if PostgreSQL would stay down", () => {
        assert.match(
            refusal([], updated({ replicas: 1 }, { replicas: 0 }))!,
            /PostgreSQL stays down[^]*--accept outage$/m,
        );
    });

    it("is made without consent if it only restarts PostgreSQL", () => {
        const template = (cpu: string) => ({ template: { metadata: { annotations: { cpu } } } });
        const report = updated(template("1"), template("2"));
        assert.ok(report.levels.includes("restart"));
        assert.equal(refusal([], report), undefined);
    });

    it("is not made if the preview failed, whatever was accepted", () => {
        const digest = { diagnostics: [{ severity: "error", message: "no such setting" }] };
        const report = reportOf(planFromPreview("dev", JSON.stringify(digest)));
        assert.match(
            refusal(["refused", "data-loss"], report)!,
            /no such setting[^]*Nothing was changed\. Put right what the preview says, and run npm start again$/,
        );
    });
});
