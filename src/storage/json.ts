// JSON with exact whole numbers: Docker's files hold unsigned 64-bit ones, which JSON.parse would round.

/**
 * The bounds of a string, what is escaped in one, and numbers. A pattern for a whole string would need the stack of
 * the regular expression for each of its characters.
 */
const QUOTE_ESCAPE_OR_NUMBER = /"|\\.|-?\d[\d.eE+-]*/g;

/**
 * Parse JSON; whole numbers come as bigint.
 * @throws SyntaxError
 */
export function parseJson(text: string): unknown {
  // Once as it is: what follows is only right for text that is JSON.
  JSON.parse(text);
  const numbers: (bigint | number)[] = [];
  // Each number makes way for its place in the list; strings, whatever they say, stay what they are.
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
