/** Whether the terminal shows UTF-8, as the locale says; the first of the three that is set counts. */
export function isUtf8({
  env,
}: {
  readonly env: Readonly<Record<string, string | undefined>>;
}): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return /(^|\.)utf-?8(@|$)/i.test(locale);
}
