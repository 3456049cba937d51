import { createHash } from "node:crypto";
import { join } from "node:path";
import { build } from "esbuild";
import type { PageData } from "./data";

/** By this line a page is recognised. */
export const mark = '<meta name="generator" content="pglog logs --html">';

/** JSON for the inside of a `script` element: no text in it can end the element, or begin a comment. */
export const inScript = (value: unknown) => JSON.stringify(value).replaceAll("<", "\\u003c");

export const inHtml = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** The page's own program and style, each as one text. */
async function assets() {
    const folder = join(__dirname, "browser");
    const { outputFiles } = await build({
        entryPoints: [join(folder, "main.ts"), join(folder, "style.css")],
        ...{ bundle: true, minify: true, write: false, outdir: folder, format: "iife", target: "es2022" },
        ...{ charset: "ascii", logLevel: "silent" },
    });
    const file = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))!.text.trim();
    return { script: file(".js"), style: file(".css") };
}

const source = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/**
 * One file that shows a summary in a browser. It sends no request: its policy allows only its own script and style, so
 * it would run nothing else even if a text of the log became part of the page.
 */
export async function pageOf(data: PageData): Promise<string> {
    const { script, style } = await assets();
    const policy = `default-src 'none'; script-src ${source(script)}; style-src ${source(style)}; base-uri 'none'; form-action 'none'`;
    return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
${mark}
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>PostgreSQL's log: ${inHtml(data.stack)}</title>
<style>${style}</style>
</head>
<body>
<main><noscript>This page needs JavaScript.</noscript></main>
<script type="application/json" id="data">${inScript(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}
