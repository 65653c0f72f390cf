// JSON with exact whole numbers: Docker's files hold unsigned 64-bit ones, which JSON.parse would round.

const MARK = '\u0000integer ';
const STRING_OR_INTEGER = /("(?:[^"\\]|\\.)*")|(-?\d+)(?![\d.eE])/g;

/**
 * Parse JSON; whole numbers come as bigint.
 * @throws SyntaxError
 */
export function parseJson(text: string): unknown {
  // Once as it is: what follows is only right for text that is JSON.
  JSON.parse(text);
  const marked = text.replace(STRING_OR_INTEGER, (all, quoted: string | undefined) =>
    quoted === undefined ? JSON.stringify(MARK + all) : quoted,
  );
  return JSON.parse(marked, (_, value: unknown) =>
    typeof value === 'string' && value.startsWith(MARK) ? BigInt(value.slice(MARK.length)) : value,
  );
}
