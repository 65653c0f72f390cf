// Generates docs/targets.md from the code. `npm run docs:targets` writes it, and a test checks that it is up to date.

import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type AnyTargetKind, targetKinds } from '../src/dm/targets/registry.ts';
import { noStatus } from '../src/dm/targets/words/kind.ts';
import { targetSupport } from '../test/support/kernel/target-table.ts';
import { type Suite, suites } from '../vm/suites.ts';

const HEAD = `# Targets

Every target type of the kernel as a record: its parameters, its status, its messages. Written by \`npm run docs:targets\` from the code.

"Tested on" names the Debian kernels on which the tests create, query and remove such a device: 6.1 (bookworm), 6.12 (trixie), 7.x (sid).
"emulated" means that only Debian's kernel for machines ships the target; \`npm run test:qemu\` boots that one. If no kernel ships a target, the
tests compare its texts with what the kernel's source prints. Linux 7.x formats a vdo volume; on 6.12 the tests check that a device without
a volume is refused.

| target | parameters | status | messages | tested on 6.1 | on 6.12 | on 7.x |
|---|---|---|---|---|---|---|
`;

function mark(type: string, suite: Suite): string {
  const { amd64, uml } = targetSupport[type]!;
  if (uml[suite]) return 'yes';
  return amd64[suite] ? 'emulated' : '–';
}

function row({ type, parseStatus, messages }: AnyTargetKind): string {
  const names = Object.keys(messages).map((name) => `\`${name}\``);
  return `| ${[
    `\`${type}\``,
    'record',
    parseStatus === noStatus ? 'empty' : 'record',
    names.join(' ') || '–',
    ...suites.map((suite) => mark(type, suite)),
  ].join(' | ')} |`;
}

/** The text of docs/targets.md. */
export const targetsDoc = (): string => `${HEAD}${[...targetKinds.values()].map(row).join('\n')}\n`;

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeFileSync('docs/targets.md', targetsDoc());
}
