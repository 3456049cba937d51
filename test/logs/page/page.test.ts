import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exampleOf } from "../../../logs/page/examples";
import { checkPageFile, writePage } from "../../../logs/page/file";
import { inHtml, inScript, pageOf } from "../../../logs/page/page";
import { intervalFor, timelineRequest } from "../../../logs/page/timeline";
import { attack, pageData } from "./data";

describe("The text of a page", () => {
    it("cannot end the script element that holds it, and is read back unchanged", () => {
        const text = inScript({ attack });
        assert.doesNotMatch(text, /</);
        assert.deepEqual(JSON.parse(text), { attack });
        assert.equal(inHtml(`<a b="c">&'`), "&#60;a b=&#34;c&#34;&#62;&#38;&#39;");
    });

    it("is one file with two scripts, and names no other file", async () => {
        const html = await pageOf(pageData);
        assert.equal(html.match(/<script/g)?.length, 2);
        assert.equal(html.match(/<\/script/g)?.length, 2);
        const markup = html.replace(/(<script[^>]*>).*?<\/script>/gs, "$1");
        assert.doesNotMatch(markup, /<(link|img|iframe)|\b(src|href)=|@import|url\(/);
    });
});

describe("The spans of a page's charts", () => {
    const hour = 3_600_000;
    it("are at most 120, and of a length that people use", () => {
        assert.equal(intervalFor(hour), 30_000);
        assert.equal(intervalFor(24 * hour), 1_800_000);
        for (const time of [1, 1000, hour, 7 * 24 * hour, 300 * 24 * hour, 5000 * 24 * hour])
            assert.ok(time / intervalFor(time) <= 120, `${time} ms`);
    });

    it("cover the whole time, also where no line is", () => {
        const request = timelineRequest({ match_all: {} }, new Date(0), new Date(hour));
        assert.deepEqual(request.aggs.moments.date_histogram, {
            ...{ field: "@timestamp", fixed_interval: "30s", min_doc_count: 0 },
            extended_bounds: { min: 0, max: hour - 1 },
        });
    });
});

describe("An example in a page", () => {
    it("has its long texts cut", () => {
        const source = { "postgresql.log.query": "x".repeat(100_000), "event.duration": 5, message: "duration: 5 ms" };
        const { query, message, duration } = exampleOf({ _source: source });
        assert.equal(query.length, 4001);
        assert.deepEqual({ message, duration }, { message: "duration: 5 ms", duration: 5 });
    });
});

describe("The file of a page", () => {
    const directory = mkdtempSync(join(tmpdir(), "pglog-page-"));
    const file = join(directory, "report.html");
    after(() => {
        rmSync(directory, { recursive: true });
    });

    it("is replaced if it is a page, and is readable only by its owner", async () => {
        const html = await pageOf(pageData);
        writePage(file, html);
        const changed = html.replace("PostgreSQL", "The second");
        assert.equal(writePage(file, changed), Buffer.byteLength(changed));
        assert.equal(readFileSync(file, "utf8"), changed);
        assert.equal(statSync(file).mode & 0o777, 0o600);
        assert.deepEqual(readdirSync(directory), ["report.html"]);
    });

    it("is refused if it is something else", () => {
        const other = join(directory, "notes.html");
        writeFileSync(other, "<!doctype html>my notes");
        assert.throws(() => writePage(other, "page"), /not a page of this command.*rm /);
        assert.equal(readFileSync(other, "utf8"), "<!doctype html>my notes");
        rmSync(other);
        assert.throws(() => {
            checkPageFile(join(directory, "missing", "report.html"));
        }, /does not exist.*mkdir -p/);
        assert.throws(() => {
            checkPageFile(directory);
        }, /not a file/);
    });
});
