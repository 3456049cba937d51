const { createRequire } = require("node:module");

const sdk = createRequire(require.resolve("@pulumi/pulumi"));

/** Stands for a value until it is used. */
const later = (load) =>
    new Proxy(function () {}, {
        get: (_, name) => load()[name],
        construct: (_, args) => new (load())(...args),
    });

/** Has a module of the SDK loaded when it is used, and not when it is required. */
function put(name, exportsOf) {
    const file = sdk.resolve(name);
    const load = () => {
        if (require.cache[file] === standIn) delete require.cache[file];
        return sdk(name);
    };
    const standIn = { id: file, filename: file, path: file, loaded: true, children: [], exports: exportsOf(load) };
    require.cache[file] ??= standIn;
}

/*
 * The SDK loads these two large libraries at once, which is a third of its time to load. It needs them only to send a
 * function of the program to the engine, and this program has no such function.
 */
put("./typescript-shim", later);
put("@npmcli/arborist", (load) => ({ Arborist: later(() => load().Arborist) }));
