import fc from "fast-check";

/** A statement with a password, and the parts of the password, of which none may be shipped. */
export interface SpelledPassword {
    statement: string;
    parts: string[];
}

/** Parts that no other text has, with characters between them that need quotes or escapes. */
const password = fc
    .array(
        fc.tuple(
            fc.stringMatching(/^[A-Z][0-9]{5}[a-z]$/),
            fc.constantFrom("", "'", '"', "\\", "$", "$$", " ", ",", ";", ")", "--", "/*", "%", "é", "@", "=", "''"),
        ),
        { minLength: 1, maxLength: 4 },
    )
    .map((pairs) => ({ value: pairs.flat().join(""), parts: pairs.map(([part]) => part) }));

const double = (text: string) => text.replaceAll("'", "''");
const backslashed = (text: string) => text.replaceAll("\\", "\\\\").replaceAll("'", "\\'");
/** A tag that the text does not contain. */
const dollars = (text: string) => `$tag$${text}$tag$`;
const connectionValue = (text: string) => `'${backslashed(text)}'`;

/** String constants of SQL. */
const constants: Record<string, (text: string) => string> = {
    plain: (text) => `'${double(text)}'`,
    escaped: (text) => `E'${backslashed(text)}'`,
    unicode: (text) => `U&'${double(text.replaceAll("\\", "\\\\"))}'`,
    dollars,
};

const blank = fc.constantFrom(" ", "\n", "\t ", " /* it's */ ", "/* a /* ' */ */", " -- it's\n", "\r\n");
const optional = fc.oneof(fc.constant(""), blank);

/** The word in any mixture of capitals and small letters. */
const mixed = (word: string) =>
    fc.array(fc.boolean(), { minLength: word.length, maxLength: word.length }).map((capitals) =>
        Array.from(word)
            .map((c, i) => (capitals[i] ? c.toUpperCase() : c.toLowerCase()))
            .join(""),
    );

const role = fc
    .tuple(
        fc.constantFrom("CREATE ROLE", "ALTER USER", "alter group", "CREATE USER"),
        fc.constantFrom("app", '"my ""role"""', '"password"', 'U&"\\0061"'),
        fc.constantFrom("", "LOGIN ", "WITH ENCRYPTED ", "VALID UNTIL '2027-01-01'"),
        mixed("password"),
        optional,
    )
    .map(([clause, name, option, word, space]) => `${clause} ${name} ${option}${word}${space}`);

const inStatement = fc
    .tuple(
        role,
        fc.constantFrom(...Object.values(constants)),
        fc.constantFrom("", " LOGIN", ";", " VALID UNTIL '2028-01-01'"),
    )
    .map(
        ([start, constant, rest]) =>
            (text: string) =>
                start + (/\w$/.test(start) && !constant("").startsWith("'") ? " " : "") + constant(text) + rest,
    );

const mapping = fc
    .tuple(fc.constantFrom("CREATE", "ALTER"), fc.constantFrom("password", '"password"', "SET password"), blank)
    .map(
        ([verb, option, space]) =>
            (text: string) =>
                `${verb} USER MAPPING FOR a SERVER s OPTIONS (user 'x', ${option}${space}'${double(text)}')`,
    );

const connection = fc
    .tuple(fc.constantFrom("plain", "escaped", "dollars"), mixed("password"), fc.constantFrom("=", " = ", "= "))
    .map(
        ([constant, word, sign]) =>
            (text: string) =>
                `SELECT dblink_connect(${constants[constant]!(`host=db ${word}${sign}${connectionValue(text)} user=x`)})`,
    );

const uri = fc
    .constantFrom("postgresql://app:", "postgres://:")
    .map(
        (start) => (text: string) =>
            `CREATE SUBSCRIPTION s CONNECTION '${start}${encodeURIComponent(text).replaceAll("'", "%27")}@db/app'`,
    );

const put = fc
    .constantFrom<((constant: string) => string)[]>(
        (constant) => `EXECUTE format('ALTER ROLE %I PASSWORD %L', 'app', ${constant});`,
        (constant) => `EXECUTE 'ALTER ROLE app PASSWORD ' || quote_literal(${constant});`,
        (constant) => `EXECUTE concat('ALTER ROLE app PASSWORD ''', ${constant}, '''');`,
        (constant) => `PERFORM dblink_connect('host=db password=' || ${constant});`,
    )
    .chain((make) =>
        fc.constantFrom(...Object.values(constants)).map((constant) => (text: string) => make(constant(text))),
    );

/** EXECUTE with the statement in quotes, in DO. */
const executed = fc.tuple(inStatement, fc.boolean()).map(
    ([make, quoted]) =>
        (text: string) =>
            quoted ? `EXECUTE '${double(make(text))}';` : `${make(text)};`,
);

const block = fc.tuple(fc.oneof(executed, put), fc.constantFrom("$$", "$do$")).map(
    ([make, quotes]) =>
        (text: string) =>
            `DO ${quotes} BEGIN ${make(text)} END ${quotes}`,
);

/** Statements as PostgreSQL accepts them, with the password in every spelling that is known here. */
export const spelledPassword: fc.Arbitrary<SpelledPassword> = fc
    .tuple(password, fc.oneof(inStatement, mapping, connection, uri, block))
    .map(([{ value, parts }, make]) => ({ statement: make(value), parts }));
