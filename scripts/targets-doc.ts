// docs/targets.md, from the code: `npm run docs:targets` writes it, and a test sees to it that it is up to date.

import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { noStatus } from '../src/dm/targets/kind.ts';
import { type AnyTargetKind, targetKinds } from '../src/dm/targets/registry.ts';
import { targetSupport } from '../test/kernel/target-table.ts';

const HEAD = `# Targets

Every target type of the kernel as a record: its parameters, its status, its messages. Written by \`npm run docs:targets\` from the code.

"Tested on" says on which of Debian's kernels the tests create, query and remove one: 6.1 (bookworm), 6.12 (trixie), 7.x (sid). Where a
kernel does not ship the target its texts are tested all the same, against what the kernel's source prints. A vdo volume is made on 7.x alone,
which formats one; on 6.12 the tests see that a device without a volume is refused.

| target | parameters | status | messages | tested on 6.1 | on 6.12 | on 7.x |
|---|---|---|---|---|---|---|
`;

const mark = (yes: boolean | undefined): string => (yes ? 'yes' : '–');

function row({ type, parseStatus, messages }: AnyTargetKind): string {
  const names = Object.keys(messages).map((name) => `\`${name}\``);
  const kernels = targetSupport[type];
  return `| ${[
    `\`${type}\``,
    'record',
    parseStatus === noStatus ? 'empty' : 'record',
    names.join(' ') || '–',
    mark(kernels?.bookworm),
    mark(kernels?.trixie),
    mark(kernels?.sid),
  ].join(' | ')} |`;
}

/** The text of docs/targets.md. */
export const targetsDoc = (): string => `${HEAD}${[...targetKinds.values()].map(row).join('\n')}\n`;

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeFileSync('docs/targets.md', targetsDoc());
}
