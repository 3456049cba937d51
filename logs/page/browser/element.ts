/**
 * Creates an element. Text becomes text, never markup, and control characters become symbols, so what a client wrote
 * into the log cannot change the page or the direction of its lines.
 */
export function element<Name extends keyof HTMLElementTagNameMap>(
    name: Name,
    attributes: Record<string, string> = {},
    ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
    const created = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) created.setAttribute(key, value);
    created.append(...children.map((child) => (typeof child === "string" ? visible(child) : child)));
    return created;
}

/** Control characters as symbols, except tabs and line ends. */
function visible(text: string): string {
    return text.replace(/[\p{Cc}\p{Cf}]/gu, (character) => {
        const code = character.codePointAt(0)!;
        if (character === "\n" || character === "\t") return character;
        return code < 0x20 ? String.fromCodePoint(0x2400 + code) : "\ufffd";
    });
}
