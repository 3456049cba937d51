import { PolicyPack } from "@pulumi/policy";
import * as pulumi from "@pulumi/pulumi";
import { policies } from "./pack";
import { rules } from "./rules";

const protectData = new pulumi.Config("pglog").get("protectData");

new PolicyPack("pglog", {
    policies: policies(rules, { protectData: protectData === undefined ? undefined : protectData === "true" }),
});
