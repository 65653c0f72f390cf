// The man(7) macros of roff.

/** The longest line of a page's source; linters complain about lines beyond 80 bytes. */
const WIDTH = 76;

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\e',
  '-': '\\-',
  "'": '\\(aq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
};

/** Text whose characters roff prints as they are. */
export const escaped = (text: string): string =>
  text.replaceAll(/[\\\-'`^~]/g, (character) => ESCAPES[character]!);

export const bold = (text: string): string => `\\fB${escaped(text)}\\fR`;
export const italic = (text: string): string => `\\fI${escaped(text)}\\fR`;

/** A line of text. A dot at its beginning would make it a macro. */
const guarded = (line: string): string => (line.startsWith('.') ? `\\&${line}` : line);

/** Formats the parts of `text` that `pattern` matches with `format`, and escapes the rest. */
export function formatted(
  text: string,
  pattern: RegExp,
  format: (match: RegExpExecArray) => string,
): string {
  let at = 0;
  let roff = '';
  for (const match of text.matchAll(pattern)) {
    roff += escaped(text.slice(at, match.index)) + format(match);
    at = match.index + match[0].length;
  }
  return roff + escaped(text.slice(at));
}

/** Lines of running text; `inline` is roff. */
function filled(inline: string): string {
  const lines: string[] = [];
  for (const word of inline.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length >= WIDTH) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.map(guarded).join('\n');
}

/** The title line of a page. Without hyphenation: a broken word is none that a reader can type. */
export const title = (name: string, date: string, source: string, manual: string): string =>
  `.TH ${escaped(name.toUpperCase())} 8 ${date} "${source}" "${manual}"\n.nh`;

export const section = (heading: string): string => `.SH ${escaped(heading)}`;
export const subsection = (heading: string): string => `.SS ${escaped(heading)}`;
export const paragraph = (inline: string): string => `.PP\n${filled(inline)}`;

/** Lines of running text, each on a line of its own. */
export const lines = (inlines: readonly string[]): string =>
  `.PP\n${inlines.map(filled).join('\n.br\n')}`;

/** A term, and the text that explains it below. */
export const term = (tag: string, inline: string): string =>
  `.TP\n${guarded(tag)}\n${filled(inline)}`;

/** Lines that keep their layout. */
export const example = (text: readonly string[]): string =>
  ['.PP', '.RS 4', '.EX', ...text.map((line) => guarded(escaped(line))), '.EE', '.RE'].join('\n');

/** The source of a page. A heading needs no paragraph behind it. */
export const document = (parts: readonly string[]): string =>
  `${parts.join('\n').replaceAll(/^(\.S[HS] .*)\n\.PP$/gm, '$1')}\n`;
