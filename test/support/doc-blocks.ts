// The code blocks of a page, and the command lines of a shell.

/** A code block. */
export interface Block {
  readonly page: string;
  /** Number of the block on its page, from 1. */
  readonly number: number;
  /** `''` for output, errors and files on a page. */
  readonly language: string;
  readonly code: string;
}

/** Every code block of a page. */
export const blocksOf = (page: string, text: string): readonly Block[] =>
  [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = '', code = ''], i) => ({
    page,
    number: i + 1,
    language,
    code,
  }));

/** The command lines of a shell block. */
export const commandLines = (code: string): readonly string[] =>
  code.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));

/** The words of each `dmts` command in a command line, including those in `$(…)`. A variable is the word 7. */
export function dmtsCommands(line: string): readonly (readonly string[])[] {
  const inner = [...line.matchAll(/\$\(([^)]*)\)/g)].flatMap(([, text = '']) => dmtsCommands(text));
  const outer = line.replaceAll(/"?\$\([^)]*\)"?/g, '7').replaceAll(/\$\w+/g, '7');
  const found: string[][] = [];
  let words: string[] = [];
  const end = (): void => {
    if (words[0] === 'dmts') found.push(words.slice(1));
    words = [];
  };
  for (const [token] of outer.matchAll(
    /"(?:\\.|[^"\\])*"|'[^']*'|[|&;]+|[<>]\s*\S+|[^\s|&;<>"']+/g,
  )) {
    if (/^[|&;]/.test(token)) end();
    else if (/^#/.test(token)) break;
    else if (!/^[<>]/.test(token)) words.push(token.replaceAll(/^["']|["']$/g, ''));
  }
  end();
  return [...inner, ...found];
}
