/** An object without some of its members. */
export function without<Whole extends object, Name extends keyof Whole>(whole: Whole, ...names: Name[]) {
    return Object.fromEntries(Object.entries(whole).filter(([name]) => !names.includes(name as Name))) as Omit<
        Whole,
        Name
    >;
}
