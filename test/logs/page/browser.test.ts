import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { source as axe, type AxeResults } from "axe-core";
import { chromium, type Browser, type Page } from "playwright-core";
import { pageOf } from "../../../logs/page/page";
import { attack, pageData } from "./data";

const program = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((one) =>
    existsSync(one),
);

/** To write the screenshots of the docs: PGLOG_TEST_SCREENSHOTS=docs. */
const screenshots = process.env.PGLOG_TEST_SCREENSHOTS;

describe("The page in a browser", function () {
    this.timeout(60_000);
    const directory = mkdtempSync(join(tmpdir(), "pglog-browser-"));
    const file = join(directory, "report.html");
    let browser: Browser | undefined;
    const requests: string[] = [];
    const errors: string[] = [];

    before(async function () {
        if (program === undefined) {
            console.log("    skipped: there is no Chromium. On Debian: apt-get install chromium");
            this.skip();
        }
        writeFileSync(file, await pageOf(pageData));
        // Chromium's own sandbox refuses to run as root, as in a container. The page is from this test.
        browser = await chromium.launch({ executablePath: program, args: ["--no-sandbox"] });
    });
    after(async () => {
        await browser?.close();
        rmSync(directory, { recursive: true });
    });

    async function open(colorScheme: "light" | "dark" = "light", width = 1200): Promise<Page> {
        const context = await browser!.newContext({ colorScheme, viewport: { width, height: 900 } });
        const page = await context.newPage();
        page.on("request", (request) => requests.push(request.url()));
        page.on("pageerror", ({ message }) => errors.push(message));
        page.on("console", (message) => {
            if (message.type() === "error") errors.push(message.text());
        });
        await page.goto(pathToFileURL(file).href);
        await page.locator(".uplot").nth(3).waitFor();
        return page;
    }

    async function violations(page: Page) {
        await page.evaluate(axe);
        const { violations } = await page.evaluate<AxeResults>("axe.run()");
        return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
    }

    for (const colours of ["light", "dark"] as const)
        for (const width of [1200, 360])
            it(`has no violation of axe-core in ${colours} colours, ${width} pixels wide`, async () => {
                const page = await open(colours, width);
                if (screenshots !== undefined && width === 1200)
                    await page.screenshot({ path: join(screenshots, `reading-logs-${colours}.png`) });
                assert.deepEqual(await violations(page), []);
                assert.equal(await page.evaluate("document.documentElement.scrollWidth"), width);
                await page.locator("summary").first().click();
                await page.locator(".open").first().click();
                assert.deepEqual(await violations(page), []);
                await page.context().close();
            });

    it("sends no request, and runs nothing that was logged", async () => {
        const page = await open();
        await page.locator(".open").first().click();
        assert.equal(await page.evaluate("typeof attacked"), "undefined");
        assert.deepEqual(await page.locator("img").count(), 0);
        const shown = await page.locator("dialog pre").textContent();
        assert.equal(
            shown,
            pageData.summary.statements[0]!.statement.replace("\u202e", "\ufffd").replace("\u0007", "␇"),
        );
        assert.ok(shown.includes(attack.slice(0, 60)));
        assert.deepEqual(errors, []);
        assert.deepEqual(
            requests.filter((url) => !url.startsWith("file:")),
            [],
        );
        await page.context().close();
    });

    it("is usable with the keyboard: sorts, filters, opens and closes the lines of a statement", async () => {
        const page = await open();
        const section = page.locator("section", {
            has: page.getByRole("heading", { name: "Statements that cost most" }),
        });
        const calls = () => section.locator("tbody tr:visible td:nth-child(2)").allTextContents();
        await section.getByRole("button", { name: "calls" }).focus();
        await page.keyboard.press("Enter");
        assert.deepEqual(await calls(), ["90,411", "48,210", "12,054"]);
        await page.keyboard.press("Enter");
        assert.deepEqual(await calls(), ["12,054", "48,210", "90,411"]);
        assert.equal(await section.locator("th[aria-sort]").getAttribute("aria-sort"), "ascending");
        await section.getByRole("searchbox").focus();
        await page.keyboard.type("update stock");
        assert.deepEqual(await calls(), ["12,054"]);
        await section.locator(".open:visible").focus();
        await page.keyboard.press("Enter");
        assert.match((await page.locator("dialog dl").textContent())!, /message.*duration: 7700 ms.*UPDATE stock/s);
        await page.keyboard.press("Escape");
        await page.locator("dialog").waitFor({ state: "detached" });
        await page.waitForFunction("document.activeElement.className === 'open'");
        await page.context().close();
    });

    it("draws its charts, and shows their numbers", async () => {
        const page = await open();
        assert.deepEqual(await page.locator(".chart h2").allTextContents(), [
            ...["Lines", "Errors", "Durations of statements", "Sessions"],
        ]);
        const painted = await page.evaluate<boolean[]>(
            `[...document.querySelectorAll("canvas")].map((one) =>
                one.getContext("2d").getImageData(0, 0, one.width, one.height).data.some((value) => value !== 0))`,
        );
        assert.deepEqual(painted, [true, true, true, true]);
        await page.locator("summary").first().click();
        const rows = page.locator(".chart").first().locator("details tbody tr");
        await rows.first().waitFor();
        assert.equal(await rows.count(), 96);
        await page.context().close();
    });
});
