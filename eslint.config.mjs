import tseslint from "typescript-eslint";

/** The layers of the local environment, from the lowest. Each imports only from those below it. */
const layers = ["machine", "build", "cluster", "environment", "cli"];

export default tseslint.config(
    { ignores: ["node_modules", "eslint.config.mjs", "local/packages.mjs", "start/*.cjs"] },
    ...tseslint.configs.strictTypeChecked,
    ...tseslint.configs.stylisticTypeChecked,
    {
        languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
        rules: {
            "@typescript-eslint/no-floating-promises": "error",
            "@typescript-eslint/no-unused-expressions": "error",
            "@typescript-eslint/consistent-type-imports": "error",
            // Numbers read the same in a message. Values of other types must be converted to text explicitly.
            "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
            // Tests and complete tables guarantee values that the compiler cannot see.
            "@typescript-eslint/no-non-null-assertion": "off",
        },
    },
    {
        // Tests are excluded: a `describe` is one function, and a long table of cases reads best in one file.
        files: ["{bench,components,local,logs,policy,render,report,stacks}/**/*.ts"],
        rules: {
            "max-lines": ["error", { max: 300, skipBlankLines: false, skipComments: false }],
            "max-lines-per-function": ["error", { max: 60, skipBlankLines: false, skipComments: false }],
        },
    },
    ...layers.slice(0, -1).map((layer, index) => ({
        files: [`local/${layer}/**/*.ts`],
        rules: {
            "no-restricted-imports": [
                "error",
                {
                    patterns: [
                        {
                            group: layers.slice(index + 1).map((above) => `../${above}/*`),
                            message: `local/${layer} is below: import only from ${layers.slice(0, index + 1).join(", ")}.`,
                        },
                    ],
                },
            ],
        },
    })),
);
