// JSON with exact whole numbers: Docker's files hold unsigned 64-bit ones, which JSON.parse would round.

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/**
 * Parse JSON; whole numbers come as bigint.
 * @throws SyntaxError
 */
export function parseJson(text: string): unknown {
  // Once as it is: what follows is only right for text that is JSON.
  JSON.parse(text);
  const numbers: (bigint | number)[] = [];
  // Each number makes way for its place in the list; strings, whatever they say, stay what they are.
  const numbered = text.replace(STRING_OR_NUMBER, (word) =>
    word.startsWith('"') ? word : String(numbers.push(numberOf(word)) - 1),
  );
  return JSON.parse(numbered, (_, value: unknown) =>
    typeof value === 'number' ? numbers[value] : value,
  );
}

const numberOf = (word: string): bigint | number =>
  /^-?\d+$/.test(word) ? BigInt(word) : Number(word);
