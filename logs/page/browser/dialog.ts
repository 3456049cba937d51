import { stamp, time } from "../../summary/format";
import type { Example } from "../data";
import { element } from "./element";

const fields = [
    ["user", "user"],
    ["database", "database"],
    ["client", "client"],
    ["application", "application"],
    ["session", "session"],
    ["message", "message"],
    ["detail", "detail"],
    ["context", "context"],
    ["query", "statement"],
] as const satisfies [keyof Example, string][];

/** Shows the example lines of a statement over the page, until it is closed by its button or Escape. */
export function showExamples(statement: string, examples: Example[]) {
    const close = element("button", { type: "button" }, "Close");
    const dialog = element(
        "dialog",
        { "aria-label": "Lines of the statement" },
        close,
        element("h2", {}, "Its slowest lines"),
        element("pre", { tabindex: "0", role: "region", "aria-label": "Statement" }, statement),
        ...examples.map(exampleOf),
        ...(examples.length === 0 ? [element("p", {}, "none")] : []),
    );
    close.addEventListener("click", () => {
        dialog.close();
    });
    dialog.addEventListener("close", () => {
        dialog.remove();
    });
    document.querySelector("main")!.append(dialog);
    dialog.showModal();
}

function exampleOf(example: Example) {
    const rows = fields
        .filter(([field]) => example[field] !== "")
        .flatMap(([field, name]) => [element("dt", {}, name), element("dd", {}, example[field])]);
    return element(
        "section",
        {},
        element("h3", {}, `${stamp(example.time)} UTC, ${time(example.duration)}`),
        element("dl", {}, ...rows),
    );
}
