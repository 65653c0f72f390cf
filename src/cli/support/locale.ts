/** Whether the locale uses UTF-8. The first of the three variables that is set counts. */
export function isUtf8({
  env,
}: {
  readonly env: Readonly<Record<string, string | undefined>>;
}): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return /(^|\.)utf-?8(@|$)/i.test(locale);
}
