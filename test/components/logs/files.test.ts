import assert from "node:assert/strict";
import { script } from "../../../components/kubernetes/script";
import { logDirectory, logFileName, logFiles } from "../../../components/logs/files";

const extension = /\.log$/;

describe("Log files", () => {
    it("contain the time to the second, so no name is used twice", () => {
        assert.match(logFileName, /%Y.*%m.*%d.*%H.*%M.*%S/);
    });

    it("have the directory and the name in start.sh, with the Pod's name at the end", () => {
        const name = logFileName.replace(extension, "-$HOSTNAME.log");
        assert.ok(script("start.sh").includes(`"log_filename=${name}"`), name);
        assert.ok(script("start.sh").includes(`touch ${logDirectory}/.writable`));
    });

    it("have the prefixes in log-keeper.sh that the shipper reads", () => {
        const [jsonlog, plain, lost] = [logFiles.jsonlog, logFiles.plain, logFiles.lost].map(
            (pattern) => pattern.split("*")[0]!,
        );
        assert.equal(jsonlog, plain);
        assert.ok(logFileName.startsWith(plain!));
        assert.ok(script("log-keeper.sh").includes(`"$logs"/${plain}*`));
        assert.ok(script("log-keeper.sh").includes(`'%s/${lost}`));
    });

    it("have a name from which document.lua reads the Pod", () => {
        assert.ok(logFileName.replace(extension, "").endsWith("_%H%M%S"));
        assert.ok(script("document.lua").includes(`"_%d%d%d%d%d%d%-(.+)%.%a+$"`));
    });
});
