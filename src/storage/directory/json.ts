// Parses JSON with exact whole numbers: Docker's files contain unsigned 64-bit ones, which JSON.parse would round.

/** Quotes, escapes and numbers. A pattern for a whole string would need stack space for each of its characters. */
const QUOTE_ESCAPE_OR_NUMBER = /"|\\.|-?\d[\d.eE+-]*/g;

/**
 * Parses JSON; whole numbers become bigint.
 * @throws SyntaxError
 */
export function parseJson(text: string): unknown {
  // First check that the text is JSON; the rest relies on it.
  JSON.parse(text);
  const numbers: (bigint | number)[] = [];
  // Replace each number by its index in the list. Strings stay unchanged.
  let inString = false;
  const numbered = text.replace(QUOTE_ESCAPE_OR_NUMBER, (word) => {
    if (word === '"') inString = !inString;
    const isNumber = !inString && word !== '"';
    return isNumber ? String(numbers.push(numberOf(word)) - 1) : word;
  });
  return JSON.parse(numbered, (_, value: unknown) =>
    typeof value === 'number' ? numbers[value] : value,
  );
}

const numberOf = (word: string): bigint | number =>
  /^-?\d+$/.test(word) ? BigInt(word) : Number(word);
