// The elements of a plot.

/** A document of a size in pixels with a white background. */
export const svgDocument = (width: number, height: number, content: readonly string[]): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...content,
    '</svg>\n',
  ].join('\n');

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** A line of text that begins, ends or is centred at `x`. */
export const label = (
  x: number,
  y: number,
  text: string,
  anchor: 'start' | 'middle' | 'end' = 'start',
): string =>
  `<text x="${rounded(x)}" y="${rounded(y)}"${anchor === 'start' ? '' : ` text-anchor="${anchor}"`}>${text.replaceAll(/[&<>]/g, (sign) => ENTITIES[sign]!)}</text>`;

/** A thin line. */
export const line = (x1: number, y1: number, x2: number, y2: number, colour: string): string =>
  `<line x1="${rounded(x1)}" y1="${rounded(y1)}" x2="${rounded(x2)}" y2="${rounded(y2)}" stroke="${colour}"/>`;

const rounded = (value: number): string => String(Number(value.toFixed(1)));
