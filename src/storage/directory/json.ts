// Parses JSON with exact whole numbers: Docker's files contain unsigned 64-bit ones, which JSON.parse would round.

/**
 * Quotes, escapes, brackets, colons and numbers. A pattern for a whole string would need stack space for each of its
 * characters.
 */
const WORD = /"|\\.|[{}[\]:]|-?\d[\d.eE+-]*/g;
/** No file of a storage is nested deeper than three levels. */
const DEPTH_MAX = 8;

/**
 * Parses JSON; whole numbers of up to 20 digits become bigint.
 * @throws SyntaxError also for a name that an object has twice, and for deep nesting
 */
export function parseJson(text: string): unknown {
  const { numbered, numbers, colons } = scan(text);
  // First check that the text is JSON; the rest relies on it.
  JSON.parse(text);
  let names = 0;
  const value: unknown = JSON.parse(numbered, function (this: unknown, _, item: unknown) {
    if (!Array.isArray(this)) names++;
    return typeof item === 'number' ? numbers[item] : item;
  });
  // The root has the name '' in an object that JSON.parse adds.
  if (names !== colons + 1) throw new SyntaxError('a name is repeated in an object');
  return value;
}

/** The text with each number replaced by its index in a list, and strings unchanged. Valid only if the text is JSON. */
function scan(text: string) {
  const numbers: (bigint | number)[] = [];
  let inString = false;
  let depth = 0;
  let colons = 0;
  const numbered = text.replace(WORD, (word) => {
    if (word === '"') inString = !inString;
    if (inString || word === '"' || word.startsWith('\\')) return word;
    if (word === ':') colons++;
    else if (word === '}' || word === ']') depth--;
    else if (word !== '{' && word !== '[') return String(numbers.push(numberOf(word)) - 1);
    else if (++depth > DEPTH_MAX) throw new SyntaxError(`nested deeper than ${DEPTH_MAX} levels`);
    return word;
  });
  return { numbered, numbers, colons };
}

/** Longer numbers exceed 64 bits, and their conversion to bigint takes more than linear time. */
const numberOf = (word: string): bigint | number =>
  /^-?\d{1,20}$/.test(word) ? BigInt(word) : Number(word);
