import { grouped, stamp, time } from "../../summary/format";
import type { PageData } from "../data";
import { charts } from "./charts";
import { element } from "./element";
import { tables } from "./tables";

const data = JSON.parse(document.getElementById("data")!.textContent) as PageData;
const { stack, since, until, summary } = data;
const { statements, total, p50, p95, p99 } = summary.durations;

document
    .querySelector("main")!
    .replaceChildren(
        element("h1", {}, `PostgreSQL's log: ${stack}`),
        element("p", {}, `${grouped(summary.lines)} lines, from ${stamp(since)} to ${stamp(until)} UTC.`),
        element(
            "p",
            {},
            `${grouped(statements)} durations, ${time(total)} together: half took ${time(p50)} or less, 95 % ${time(p95)}, 99 % ${time(p99)}.`,
        ),
        element("div", { class: "charts" }, ...charts(data)),
        ...tables(data),
    );
