import assert from "node:assert/strict";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { specialSecretSig, specialSigKey } from "@pulumi/pulumi/runtime/rpc";
import { fromStruct, toStruct, type Properties } from "../../../local/standin/plugin";
import { refusal, type TextArgs } from "../../../local/standin/randomText";
import { answer, StandIn } from "../../support/standIn";

const urn = "urn:pulumi:test::pglog::random:index/randomPassword:RandomPassword::password";

describe("the arguments of a random text", () => {
    const least = "must be at least";
    const cases: [TextArgs, expected: string | undefined][] = [
        [{ length: 1 }, undefined],
        [{ length: 0 }, `${least} 1, got 0`],
        [{ length: 3, minUpper: 2, minNumeric: 1 }, undefined],
        [{ length: 3, minUpper: 2, minLower: 1, minSpecial: 1 }, `${least} 4, got 3`],
        [
            { length: 8, lower: false, upper: false, numeric: false, special: false },
            "one of lower, upper, numeric, special must be allowed",
        ],
    ];
    for (const [args, expected] of cases)
        it(`is ${expected === undefined ? "possible" : "refused"}: ${JSON.stringify(args)}`, () => {
            assert.equal(refusal(args), expected);
        });
});

describe("the process that stands in for the random provider", () => {
    let standIn: StandIn;
    let provider: ResourceProviderClient;

    before(async () => {
        standIn = await StandIn.start("random");
        provider = standIn.client(ResourceProviderClient);
    });
    after(() => standIn.stop());

    async function replaces(olds: Properties, news: Properties) {
        const request = new pb.DiffRequest();
        request.setOlds(toStruct(olds));
        request.setNews(toStruct(news));
        return (await answer<pb.DiffResponse>((done) => provider.diff(request, done))).getReplacesList();
    }

    it("refuses a length that cannot be met", async () => {
        const request = new pb.CheckRequest();
        request.setUrn(urn);
        request.setOlds(toStruct({}));
        request.setNews(toStruct({ length: 0 }));
        const checked = await answer<pb.CheckResponse>((done) => provider.check(request, done));
        assert.deepEqual(
            checked.getFailuresList().map((failure) => [failure.getProperty(), failure.getReason()]),
            [["length", "must be at least 1, got 0"]],
        );
    });

    it("makes a password, marked as secret", async () => {
        const request = new pb.CreateRequest();
        request.setUrn(urn);
        request.setProperties(toStruct({ length: 32, special: false, keepers: { version: "1" } }));
        const made = fromStruct(
            (await answer<pb.CreateResponse>((done) => provider.create(request, done))).getProperties(),
        );
        const { [specialSigKey]: mark, value } = made.result as Properties;
        assert.equal(mark, specialSecretSig);
        assert.match(value as string, /^[A-Za-z0-9]{32}$/);
        assert.deepEqual(made.keepers, { version: "1" });
    });

    it("makes a new one exactly when an input is changed, added or removed", async () => {
        const made = { length: 32, special: false, result: "opensesame" };
        assert.deepEqual(await replaces(made, { length: 32, special: false }), []);
        assert.deepEqual(await replaces(made, { length: 24, special: false }), ["length"]);
        assert.deepEqual(await replaces(made, { length: 32, special: false, keepers: {} }), ["keepers"]);
        assert.deepEqual(await replaces(made, { length: 32 }), ["special"]);
    });

    it("refuses other resources", async () => {
        const request = new pb.CreateRequest();
        request.setUrn(urn.replaceAll("andomPassword", "andomPet"));
        request.setProperties(toStruct({}));
        await assert.rejects(
            answer<pb.CreateResponse>((done) => provider.create(request, done)),
            /supports only RandomPassword/,
        );
    });
});
